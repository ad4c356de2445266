/** The slice's bytes and sizes do not fit together: nothing of it can be trusted. */
export class SliceError extends Error {
  override name = 'SliceError'
  code = 'unexpected'
}

/** One event of a slice: its CloudEvents attributes, and its data, which nobody has parsed yet. */
export interface CutEvent {
  attributes: Record<string, unknown>
  data: Buffer
}

const [OPEN, CLOSE, COMMA, BRACE] = ['[', ']', ',', '}'].map((c) => c.charCodeAt(0)) as [number, number, number, number]

/**
 * Cuts a slice's body by the lengths of `Junction-Sizes` (`a1:d1,a2:d2,…`, bytes of the attributes and of the data of
 * each event), so that crafted data can forge no event and a malformed one spoils no other. Throws `SliceError`.
 */
export function cutSlice(body: Buffer, sizes: string): CutEvent[] {
  if (body[0] !== OPEN) throw new SliceError('a slice begins with [')
  let at = 1
  const events = sizes.split(',').map((size, i, all) => {
    const [attributeBytes, dataBytes] = parseSize(size)
    const dataAt = at + attributeBytes
    const end = dataAt + dataBytes
    if (body[end] !== BRACE || body[end + 1] !== (i === all.length - 1 ? CLOSE : COMMA)) {
      throw new SliceError(`event ${i} of the slice does not end where Junction-Sizes says`)
    }
    const attributes = parseAttributes(body.subarray(at, dataAt), i)
    at = end + 2
    return { attributes, data: body.subarray(dataAt, end) }
  })
  if (at !== body.length) throw new SliceError('the slice is longer than Junction-Sizes says')
  return events
}

function parseSize(size: string): [number, number] {
  const match = /^(\d{1,8}):(\d{1,8})$/.exec(size)
  if (!match) throw new SliceError('Junction-Sizes is not a list of attributes:data lengths')
  return [Number(match[1]), Number(match[2])]
}

// The attributes end in `"data":`, an object still open for the data.
function parseAttributes(bytes: Buffer, i: number): Record<string, unknown> {
  try {
    const { data, ...attributes } = JSON.parse(`${bytes.toString()}null}`)
    if (data !== null) throw new Error('no data')
    return attributes
  } catch {
    throw new SliceError(`the attributes of event ${i} of the slice are not those of a CloudEvent`)
  }
}
