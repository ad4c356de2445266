/** One request of a load and what came of it. */
export interface Answered {
  begun: number
  /** The body of a 200; else what went wrong. */
  version: string | undefined
  fault: string | undefined
}

/** A constant load of requests, each a connection's own business: a slow answer holds up no other. */
export interface Load {
  answered: Answered[]
  /** Sends no more; resolves when all are answered. */
  end(): Promise<void>
}

/** Sends so many requests a second. */
export const startLoad = (url: string, perSecond: number): Load => {
  const answered: Answered[] = []
  const open = new Set<Promise<void>>()
  const send = () => {
    const sent = ask(url).then((one) => {
      answered.push(one)
      open.delete(sent)
    })
    open.add(sent)
  }
  const timer = setInterval(send, 1000 / perSecond)
  return {
    answered,
    end: async () => {
      clearInterval(timer)
      await Promise.all(open)
    },
  }
}

/** Sends one request. */
export const ask = async (url: string, init: RequestInit = {}): Promise<Answered> => {
  const begun = performance.now()
  try {
    const response = await fetch(url, init)
    const text = await response.text()
    return response.status === 200
      ? { begun, version: text, fault: undefined }
      : { begun, version: undefined, fault: `${response.status} ${text.slice(0, 200)}` }
  } catch (error) {
    const { cause, message } = error as Error
    return { begun, version: undefined, fault: (cause as Error | undefined)?.message ?? message }
  }
}
