/** What was configured cannot work; the message names each setting and its fault. */
export class ConfigurationError extends Error {
  override name = 'ConfigurationError'
  code = 'configuration'
}
