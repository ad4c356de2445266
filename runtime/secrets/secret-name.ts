/** What the runtime makes for itself; like all that is its own it is never handed out or changed over the network. */
export const MADE_SECRETS = ['database-password', 'connector-key', 'invoke-key', 'operator-token']

/** What a broker may ask for: laid there by who runs the city, read by the runtime and by every function. */
export const BUS_SECRETS = ['bus-username', 'bus-password', 'bus-ca', 'bus-cert', 'bus-key', 'nats-creds']
const OWN = [...MADE_SECRETS, ...BUS_SECRETS]
const OWN_PREFIX = 'basic-auth-'

/** Junction's own secrets that a caller may hold and that are to stay unknown. */
export const ownSecrets = [...MADE_SECRETS, `${OWN_PREFIX}password`]

/** Whether a secret is Junction's own. */
export const isOwn = (name: string): boolean => OWN.includes(name) || name.startsWith(OWN_PREFIX)

const SUBDOMAIN = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/

/** Whether this may name a secret, as Kubernetes has it: no path among them. */
export const isSecretName = (name: string): boolean => name.length <= 253 && SUBDOMAIN.test(name)
