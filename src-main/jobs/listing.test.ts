import { describe, expect, it } from 'vitest'
import { parseListing } from './listing'

const one = '01KAHV6M00ZZZZZZZZZZZZZZZZ'
const two = '01KAHV6M00ZZZZZZZZZZZZZZZY'

describe('the listing of jobs', () => {
  it('takes the files of each job apart, cut ones too', () => {
    const text = `now 1795246012
job ${one} dead undo
job ${two} ended
==> ${one}/job.json <==
{"format":1,"operation":"guest.clone","title":"Clone web","targets":["web"],"steps":["Make"],"by":"ada","from":"desk"}

==> ${one}/events <==
started 1795246000
ste
==> ${two}/status <==
failed   

==> ${two}/job.json <==
{"for`
    expect(parseListing(text)).toEqual({
      nowSeconds: 1795246012,
      jobs: [
        {
          id: one,
          life: 'dead',
          undoLeft: true,
          about: { operation: 'guest.clone', title: 'Clone web', targets: ['web'], steps: ['Make'], by: 'ada', from: 'desk' },
          events: 'started 1795246000\nste',
        },
        {
          id: two,
          life: 'ended',
          undoLeft: false,
          status: 'failed',
          about: { operation: 'unknown', title: `Job ${two}`, targets: [], steps: [], by: 'unknown', from: 'unknown' },
          events: '',
        },
      ],
    })
  })

  it('is empty on a host where no job ever ran', () => {
    expect(parseListing('')).toEqual({ jobs: [] })
  })

  it('is not guessed from anything else', () => {
    expect(() => parseListing('bash: fork: retry\n')).toThrow(/list/)
  })
})
