/** OpenFaaS's default namespace, the one of stack.yml. */
export const NAMESPACE = 'openfaas-fn'

/** How everything inside the runtime names a function: by its name alone where its namespace is the default one. */
export const keyOf = ({ name, namespace }: { name: string; namespace: string }): string =>
  namespace === NAMESPACE ? name : `${name}.${namespace}`

/** `name.namespace`, as metrics and OpenFaaS's connectors write it. */
export const fullName = (key: string): string => (key.includes('.') ? key : `${key}.${NAMESPACE}`)
