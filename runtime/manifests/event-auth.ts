import type { StackFunction } from '../stack/types.ts'
import { UserError } from '../user-error.ts'
import { takesEvents } from './scale.ts'
import { bringsSettings } from './secrets.ts'
import type { Plan } from './types.ts'

/** Whether a source of Knative calls a function: sources bring no key. */
export const isFedBySource = ({ delivery }: Pick<Plan, 'delivery'>, { wiring, annotations }: StackFunction): boolean =>
  delivery === 'sources' &&
  (wiring.topics.length > 0 ||
    wiring.foreignTopic !== undefined ||
    (wiring.schedule !== undefined && annotations.schedule !== undefined))

/** Whether a function takes events without a key, from whoever reaches it. */
export const isOpenToEvents = (plan: Pick<Plan, 'delivery' | 'settings'>, one: StackFunction): boolean =>
  // Which events Junction's own functions take is said in their code, so the wiring alone does not tell.
  (takesEvents(one) || bringsSettings(one)) &&
  (one.environment.EVENT_AUTH ?? (isFedBySource(plan, one) ? 'network' : plan.settings.EVENT_AUTH)) === 'network'

/** Refuses to expose a function to which anybody outside of the cluster could bring events. */
export const refuseOpenDoor = (plan: Pick<Plan, 'delivery' | 'settings' | 'exposed' | 'functions'>): void => {
  const open = plan.functions.find((one) => plan.exposed.includes(one.name) && isOpenToEvents(plan, one))
  if (!open) return
  throw new UserError(
    isFedBySource(plan, open)
      ? `--expose ${open.name}: --delivery sources brings it events without a key, so anybody could: expose a function without events, or use --delivery connector`
      : `--expose ${open.name}: with EVENT_AUTH=network anybody could bring it events: use EVENT_AUTH=key, or set it in its environment in stack.yml`,
  )
}
