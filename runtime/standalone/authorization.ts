/** How the connector shows itself to the REST API of a gateway: as OpenFaaS's basic auth, else by the operator's token. */
export const authorizationOf = (secret: (name: string) => string | undefined): string | undefined => {
  const [user, password, token] = ['basic-auth-user', 'basic-auth-password', 'operator-token'].map(secret)
  if (user && password) return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
  return token ? `Bearer ${token}` : undefined
}
