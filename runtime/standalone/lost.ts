/** What undici says where a request could never be sent as it is, or what came back is no answer. */
const OF_CALL = /^UND_ERR_(?:(?:HEADERS|BODY)_TIMEOUT|HEADERS_OVERFLOW|INVALID_ARG|NOT_SUPPORTED|REQ_|RES)/

/** What undici and net say where an answer that had begun was cut off. */
const CUT_OFF = /^(?:ECONNRESET|ECONNABORTED|EPIPE|UND_ERR_SOCKET)$/

/**
 * Whether a call without an answer counts against what it was for. All else is the world's:
 * a gateway that is away, but as well a network, a name service or a host of the connector's own that has run out of something.
 * What is no HTTP has a code of its own only sometimes.
 */
export const isOfCall = ({ name, code = '' }: NodeJS.ErrnoException, answering: boolean): boolean =>
  name === 'HTTPParserError' || OF_CALL.test(code) || (answering && CUT_OFF.test(code))
