import { nkeys } from '@nats-io/transport-node'

/** Accounts of a server that are proved by signatures: what goes into its configuration, and the file of one user. */
export interface NatsCredentials {
  configuration: string
  creds: string
}

type KeyPair = ReturnType<typeof nkeys.createUser>

const UNLIMITED = { subs: -1, data: -1, payload: -1, imports: -1, exports: -1, wildcards: true, conn: -1, leaf: -1 }
const JETSTREAM = { mem_storage: -1, disk_storage: -1, streams: -1, consumer: -1 }

/** Makes an operator with one account that may use JetStream, and one user of it. */
export function makeCredentials(): NatsCredentials {
  const operator = nkeys.createOperator()
  const [system, account] = [nkeys.createAccount(), nkeys.createAccount()]
  const user = nkeys.createUser()
  const systemJwt = sign(operator, system, 'SYS', { type: 'account', limits: UNLIMITED })
  const accountJwt = sign(operator, account, 'APP', { type: 'account', limits: { ...UNLIMITED, ...JETSTREAM } })
  const userJwt = sign(account, user, 'app', { type: 'user', subs: -1, data: -1, payload: -1 })
  const seed = new TextDecoder().decode(user.getSeed())
  return {
    configuration: [
      `operator: ${sign(operator, operator, 'test', { type: 'operator', system_account: system.getPublicKey() })}`,
      `system_account: ${system.getPublicKey()}`,
      'resolver: MEMORY',
      `resolver_preload: { ${system.getPublicKey()}: ${systemJwt}, ${account.getPublicKey()}: ${accountJwt} }`,
    ].join('\n'),
    creds: `-----BEGIN NATS USER JWT-----\n${userJwt}\n------END NATS USER JWT------\n\n-----BEGIN USER NKEY SEED-----\n${seed}\n------END USER NKEY SEED------\n`,
  }
}

function sign(issuer: KeyPair, subject: KeyPair, name: string, claims: object): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const body = part({
    jti: subject.getPublicKey(),
    iat: Math.floor(Date.now() / 1000),
    iss: issuer.getPublicKey(),
    sub: subject.getPublicKey(),
    name,
    nats: { version: 2, ...claims },
  })
  const signed = `${part({ typ: 'JWT', alg: 'ed25519-nkey' })}.${body}`
  return `${signed}.${Buffer.from(issuer.sign(Buffer.from(signed))).toString('base64url')}`
}
