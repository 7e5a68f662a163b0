import { importBase } from './import'

/** The operations of this room by id. */
export const imageOperations = { 'image.import': importBase }
