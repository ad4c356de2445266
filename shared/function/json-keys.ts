import type { Buffer } from 'node:buffer'
import { JsonError } from './json-error.ts'

const MAX_KEYS = 1_000
/** Up to so many keys of one object a linear look is faster than a set. */
const FEW = 16

const BACKSLASH = 0x5c

const hasEscape = (bytes: Uint8Array, start: number, end: number): boolean => {
  for (let i = start; i < end; i++) if (bytes[i] === BACKSLASH) return true
  return false
}

const DANGEROUS = ['__proto__', 'constructor', 'prototype']

const spells = (bytes: Uint8Array, start: number, length: number, name: string): boolean => {
  if (length !== name.length) return false
  for (let i = 0; i < length; i++) if (bytes[start + i] !== name.charCodeAt(i)) return false
  return true
}

/** Follows the keys of the open objects of one document, to find repeated and dangerous ones. */
export interface Keys {
  /** An object opens at this level; `inObject`: as a member of the object one level below. */
  open(level: number, inObject: boolean): void
  /**
   * The key at `start`..`end` (without quotes) of the object at this level.
   * @throws JsonError
   */
  add(level: number, start: number, end: number): void
  close(level: number): void
  /** The newest key of the object at this level. */
  last(level: number): string | undefined
}

/** Holds keys as byte ranges on one flat stack, and as texts only where an object is wide or a key has escapes. */
export const createKeys = (bytes: Buffer): Keys => {
  const starts: number[] = []
  const ends: number[] = []
  const hashes: number[] = []
  let top = 0
  /** Per level: where its keys begin on the stack, how many it has seen, its keys as texts. */
  const base: number[] = []
  const texts: (Set<string> | undefined)[] = []
  /** The newest key of the level is `constructor`; the object of the level is the value of such a key. */
  const atConstructor: boolean[] = []
  const inConstructor: boolean[] = []
  /** Where on the stack the newest key of each level is, -1 if it has none. */
  const newest: number[] = []
  const anyEscape = bytes.includes(BACKSLASH)

  const text = (start: number, end: number): string => {
    const raw = bytes.toString('utf8', start, end)
    if (!raw.includes('\\')) return raw
    try {
      return JSON.parse(`"${raw}"`) as string
    } catch {
      throw new JsonError('decode', 'has a key with a broken escape', start)
    }
  }

  const same = (index: number, start: number, end: number): boolean => {
    const from = starts[index] as number
    const length = end - start
    if ((ends[index] as number) - from !== length) return false
    for (let i = 0; i < length; i++) if (bytes[from + i] !== bytes[start + i]) return false
    return true
  }

  const refuseDuplicate = (start: number): never => {
    throw new JsonError('decode', 'has the same key twice in one object', start)
  }

  const checkName = (level: number, key: string, start: number): void => {
    atConstructor[level] = key === 'constructor'
    if (key === '__proto__' || (key === 'prototype' && inConstructor[level] === true))
      throw new JsonError('invalid', 'has a key that could change prototypes', start)
  }

  const addText = (level: number, start: number, end: number): void => {
    let set = texts[level]
    if (!set) {
      set = new Set()
      for (let i = base[level] as number; i < top; i++) set.add(text(starts[i] as number, ends[i] as number))
      texts[level] = set
    }
    const key = text(start, end)
    checkName(level, key, start)
    if (set.has(key)) refuseDuplicate(start)
    set.add(key)
  }

  return {
    open: (level, inObject) => {
      inConstructor[level] = inObject && atConstructor[level - 1] === true
      base[level] = top
      newest[level] = -1
      texts[level] = undefined
      atConstructor[level] = false
    },

    add: (level, start, end) => {
      const first = base[level] as number
      const last = top
      newest[level] = last
      starts[last] = start
      ends[last] = end
      if (last - first >= MAX_KEYS) throw new JsonError('decode', `has more than ${MAX_KEYS} keys in one object`, start)
      const length = end - start
      // Few bytes make the hash: an equal one is compared byte by byte, and only so many keys are looked at.
      const hash =
        length === 0 ? 0 : (bytes[start] as number) * 65_536 + (bytes[end - 1] as number) * 256 + (length & 255)
      hashes[last] = hash
      if (last - first >= FEW || texts[level] !== undefined || (anyEscape && hasEscape(bytes, start, end)))
        addText(level, start, end)
      else {
        for (let i = first; i < last; i++) if (hashes[i] === hash && same(i, start, end)) refuseDuplicate(start)
        if ((length === 9 || length === 11) && DANGEROUS.some((name) => spells(bytes, start, length, name)))
          checkName(level, bytes.toString('latin1', start, end), start)
        else atConstructor[level] = false
      }
      top = last + 1
    },

    close: (level) => {
      top = base[level] as number
    },

    last: (level) => {
      const index = newest[level] as number
      return index < 0 ? undefined : text(starts[index] as number, ends[index] as number)
    },
  }
}
