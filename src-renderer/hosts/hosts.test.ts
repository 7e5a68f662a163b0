import { describe, expect, it } from 'vitest'
import { ProblemError } from '../../src-shared/problem'
import { testHost } from '../testing/fleet'
import { connectionSteps } from './connection-steps'
import { firstHostForm, hostFormOf, readHostForm } from './host-form'

const states = (connection: Parameters<typeof connectionSteps>[0]): string =>
  connectionSteps(connection)
    .map((step) => step.state)
    .join(' ')

describe('steps of a connection', () => {
  it('follow the phase', () => {
    expect(states({ phase: 'auth' })).toBe('done done done active ahead')
    expect(connectionSteps({ phase: 'auth', jump: 'bastion' })[3]?.title).toBe('Log in at the jump host bastion')
    expect(states({ phase: 'ready', since: 0 })).toBe('done done done done done')
  })

  it('stand at a question, before Xen is read when it is about root', () => {
    const asking = (kind: 'password' | 'sudo') =>
      states({ phase: 'asking', question: { id: 'q', kind, title: '', fields: [], attempt: 1 } })
    expect(asking('password')).toBe('done done done stopped ahead')
    expect(asking('sudo')).toBe('done done done done stopped')
  })

  it('stop where the problem belongs', () => {
    const stopped = (code: 'HOST_KEY_UNKNOWN' | 'CONNECTION_REFUSED' | 'NOT_XEN') =>
      states({ phase: 'blocked', problem: new ProblemError(code, 'why').problem })
    expect(stopped('CONNECTION_REFUSED')).toBe('done stopped ahead ahead ahead')
    expect(stopped('HOST_KEY_UNKNOWN')).toBe('done done stopped ahead ahead')
    expect(stopped('NOT_XEN')).toBe('done done done done stopped')
  })
})

describe('the form of a new host', () => {
  it('takes an address alone, which is then the name too', () => {
    const read = readHostForm({ ...firstHostForm, address: ' dom0.lab.test ' }, [])
    expect(read.host).toEqual({
      name: 'dom0.lab.test',
      address: 'dom0.lab.test',
      storageRoot: '/srv/domdeck',
    })
  })

  it('of a host that is there, unchanged, means that host', () => {
    const {
      id: _id,
      simulated: _simulated,
      ...host
    } = {
      ...testHost('dom0').settings,
      keyPath: '~/.ssh/key',
      jump: 'bastion',
      legacyAlgorithms: true,
    }
    expect(readHostForm(hostFormOf({ ...host, id: 'x', simulated: false }), []).host).toEqual(host)
  })

  it('refuses in words, once for each field', () => {
    expect(readHostForm(firstHostForm, []).errors).toEqual({ address: 'Enter the name or address of the host.' })
    const { errors } = readHostForm({ ...firstHostForm, address: '-oProxyCommand=x', user: 'a b', storageRoot: '/srv/../x' }, [])
    expect(Object.keys(errors ?? {}).sort()).toEqual(['address', 'storageRoot', 'user'])
  })

  it('refuses a name that is taken', () => {
    expect(readHostForm({ ...firstHostForm, address: 'a', name: 'dom0' }, ['dom0']).errors).toEqual({
      name: 'There is a host named dom0 already.',
    })
  })
})
