import type { StackFunction } from '../stack/types.ts'

/** One definition a function has had. */
export interface Revision {
  number: number
  /** When it was deployed, ISO 8601. */
  at: string
  definition: StackFunction
  /** Whether a replica of it ever took calls: what never did is nothing to go back to. */
  served: boolean
  /** What took the calls when it was deployed. */
  before?: number | undefined
}

/** How the newest deployment of a function stands. */
export interface DeploymentState {
  /** When it was deployed last, ISO 8601. */
  createdAt: string
  /** What is wanted, and what takes the calls: the same once it is settled. */
  revision: number
  serving: number
  rollout: 'settled' | 'rolling' | 'failed'
  /** Why it failed. */
  fault?: string | undefined
}

/** What happened to a function: `serving` = another revision takes its calls, `failed` = the old one goes on. */
export interface Change {
  key: string
  kind: 'accepted' | 'serving' | 'failed' | 'removed'
}

/** Every function there is, from stack.yml and from the REST API: the live set, by key. */
export interface Deployments {
  /** As they are wanted. */
  list(): StackFunction[]
  get(key: string): StackFunction | undefined
  /** As they take calls. */
  serving(): StackFunction[]
  state(key: string): DeploymentState | undefined
  /**
   * Deploys a function, or replaces it whole. It is kept when this resolves; the rollout goes on after. Of several at a
   * time the newest wins. Throws DeploymentRefused, or what `allow` throws: it is asked when no other change is under way,
   * and told whether the function is there.
   */
  apply(definition: StackFunction, allow?: (isThere: boolean) => void): Promise<void>
  /** False = there is none. It is gone for good when this resolves; its calls in flight end. */
  remove(key: string): Promise<boolean>
  /** Goes back to the revision before; answers which that is. Throws DeploymentRefused. */
  rollback(key: string): Promise<{ from: number; to: number; image: string }>
  /** Does something while no function comes or goes. */
  between<T>(work: () => Promise<T>): Promise<T>
  /** Resolves once no rollout is under way. */
  settled(): Promise<void>
  onChange(listener: (change: Change) => void): void
  /** Takes no more changes; what is rolling out goes on at the next start. */
  stop(): Promise<void>
}

/** A deployment that is not taken, and the HTTP status that says so. */
export class DeploymentRefused extends Error {
  override name = 'DeploymentRefused'
  readonly status: 400 | 404 | 409 | 503
  constructor(status: DeploymentRefused['status'], message: string) {
    super(message)
    this.status = status
  }
}
