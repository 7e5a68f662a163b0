import words from './job.sh?raw'
import inside from './job-inside.sh?raw'

/** The job library as a host gets it: the words of scripts, then what they are made of. */
export const jobLibrary = `${words.trimEnd()}\n\n${inside.trimEnd()}\n`
