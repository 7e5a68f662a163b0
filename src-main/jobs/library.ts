import words from './job.sh?raw'
import ends from './job-end.sh?raw'
import inside from './job-inside.sh?raw'

/** The job library as a host gets it: the words of scripts, the ends of a job, and what both are made of. */
export const jobLibrary = `${[words, ends, inside].map((part) => part.trimEnd()).join('\n\n')}\n`
