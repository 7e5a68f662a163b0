import { create } from 'zustand'
import type { About } from '../../src-shared/contract/settings'

/** The main side of this page: version, shell, who and where; undefined until it has said. */
export const useAbout = create<{ about: About | undefined }>(() => ({ about: undefined }))
