/** A model that is not taken, and why: for whoever put it there. */
export class ModelError extends Error {
  override name = 'ModelError'
}
