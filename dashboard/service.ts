/** The address of this page's folder, whatever prefix it is served under: `…/function/city/`. */
const base = new URL('.', location.href)

/** The address of something the function `city` answers. */
export const cityUrl = (path: string): URL => new URL(path, base)

/** The address of something the gateway in front of the functions answers. */
export const gatewayUrl = (path: string): URL =>
  new URL(`${base.pathname.replace(/function\/[^/]+\/$/, '')}${path}`, base)
