import { z } from 'zod'
import { Refused } from './problem.ts'
import { isName } from './target.ts'

/** Go sends null for what is unset. */
const orNothing = <T extends z.ZodType>(schema: T) =>
  schema.nullish().transform((value): z.output<T> | undefined => value ?? undefined)

const label = z
  .string()
  .refine(isName, 'it must be a DNS label: a-z, 0-9 and "-", at most 63 characters, neither first nor last a "-"')
const namespace = orNothing(z.literal('').or(label))
const texts = orNothing(z.record(z.string(), z.string()))
/** As Kubernetes writes amounts; an empty one is unset. */
const amounts = orNothing(
  z.record(
    z.string(),
    z
      .string()
      .regex(/^(\d+(\.\d+)?(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?)?$/, 'it must be an amount such as 128Mi, 500m or 2'),
  ),
)
const list = orNothing(z.array(z.string()))
const variables = orNothing(
  z.record(
    z.string().regex(/^[^=\0]+$/, 'the name of a variable holds no "=" and no NUL'),
    z.string().regex(/^[^\0]*$/, 'a variable holds no NUL'),
  ),
)

/** OpenFaaS's FunctionDeployment; unknown keys, and the deprecated registryAuth and network, are ignored. */
export const FunctionDeployment = z.object({
  service: label,
  image: z.string().min(1, 'it is empty'),
  namespace,
  envProcess: orNothing(z.string()),
  envVars: variables,
  constraints: list,
  secrets: list,
  labels: texts,
  annotations: texts,
  limits: amounts,
  requests: amounts,
  readOnlyRootFilesystem: orNothing(z.boolean()),
})
export type FunctionDeployment = z.infer<typeof FunctionDeployment>

/** OpenFaaS's DeleteFunctionRequest. */
export const DeleteFunctionRequest = z.object({ functionName: z.string().min(1, 'it is empty'), namespace })

/** OpenFaaS's ScaleServiceRequest; the path names the function. */
export const ScaleServiceRequest = z.object({
  replicas: z.int('it must be a whole number').nonnegative('it must not be negative'),
  namespace,
})

/** OpenFaaS's Secret as it is removed. */
export const SecretName = z.object({ name: z.string().min(1, 'it is empty'), namespace })

/** OpenFaaS's Secret as it is written: `rawValue` wins over `value`. */
export const Secret = SecretName.extend({ value: orNothing(z.string()), rawValue: orNothing(z.base64()) })

/** OpenFaaS's FunctionNamespace. */
export const FunctionNamespace = z.object({ name: z.string().min(1, 'it is empty'), labels: texts, annotations: texts })

/** Reads a body; throws Refused that names the field. */
export const readJson = <T>(schema: z.ZodType<T>, body: Buffer): T => {
  const result = schema.safeParse(parse(body))
  if (result.success) return result.data
  const faults = result.error.issues.map((issue) => {
    const message = issue.code === 'invalid_key' ? (issue.issues[0]?.message ?? issue.message) : issue.message
    return `${issue.path.join('.') || 'the body'}: ${message}`
  })
  throw invalid(faults.join('; '))
}

const parse = (body: Buffer): unknown => {
  if (body.length === 0) throw invalid('the body is empty: JSON is expected')
  try {
    return JSON.parse(body.toString())
  } catch {
    throw invalid('the body is no JSON')
  }
}

/** 400 with a reason. */
export const invalid = (detail: string, code = 'invalid'): Refused =>
  new Refused({ status: 400, title: 'Bad request', detail, code })
