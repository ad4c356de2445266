import { answer, BEARER, openApiDocument, refusal, schemaOf } from '#shared/contracts/openapi.ts'
import { PageSettings, SegmentDevices, TrafficProfile } from '#shared/contracts/page.ts'
import { SensorHealthPage, SensorState } from '#shared/contracts/sensor-health.ts'
import { Level, TrafficState } from '#shared/contracts/traffic.ts'
import { ForecastAccuracy, SegmentForecast, TrafficForecasts } from '#shared/contracts/traffic-forecasts.ts'
import { TrafficCollection, TrafficFeature, TrafficHistory } from '#shared/contracts/traffic-status.ts'
import { PAGE, SCORED_HOURS } from './query.ts'

const answered = {
  ...{ TrafficCollection, TrafficFeature, TrafficHistory, TrafficState, TrafficProfile, SegmentDevices, PageSettings },
  ...{ SensorHealthPage, TrafficForecasts, SegmentForecast, ForecastAccuracy },
}

const inQuery = (name: string, description: string, schema: object, more: object = {}) => ({
  name,
  in: 'query',
  description,
  schema,
  ...more,
})

const list = { style: 'form', explode: false }
const segment = {
  name: 'segment',
  in: 'path',
  required: true,
  schema: { type: 'string', minLength: 1, maxLength: 128 },
  example: 'ring-1',
}
const bbox = inQuery(
  'bbox',
  'west,south,east,north in degrees',
  { type: 'array', items: { type: 'number' }, minItems: 4, maxItems: 4 },
  list,
)
const after = inQuery('after', 'Only segments behind this one: see the answer’s Link', segment.schema)
const badPath = refusal('The path holds what a gateway could read in another way, such as an encoded slash')
const limit = inQuery('limit', 'How many at most', { type: 'integer', minimum: 1, maximum: PAGE, default: PAGE })
const instant = { type: 'string', format: 'date-time' }
const notModified = { description: 'Nothing changed since the tag in If-None-Match' }
const paged = {
  Link: { description: 'The next page, rel="next", relative to this address', schema: { type: 'string' } },
}
const current = {
  ETag: { description: 'Changes when what is told changes', schema: { type: 'string' } },
  'As-Of': { description: 'City time of this answer', schema: instant },
}

/** The contract of this API: OpenAPI 3.1, its schemas made from those that check the data. */
export const openApi = () =>
  openApiDocument({
    title: 'Junction: traffic of a city',
    paths: {
      '/api/traffic-status': {
        get: {
          summary: 'How the traffic is now on each segment',
          parameters: [
            bbox,
            inQuery('level', 'Only these levels', { type: 'array', items: { enum: Level.options } }, list),
            after,
            limit,
          ],
          responses: {
            200: {
              ...answer('A GeoJSON FeatureCollection', 'TrafficCollection', 'application/geo+json'),
              headers: { ...current, ...paged },
            },
            304: notModified,
            400: refusal('The query is not valid'),
          },
        },
      },
      '/api/traffic-status/{segment}': {
        get: {
          summary: 'How the traffic is now on one segment',
          parameters: [segment],
          responses: {
            200: { ...answer('A GeoJSON Feature', 'TrafficFeature', 'application/geo+json'), headers: current },
            304: notModified,
            400: badPath,
            404: refusal('There is no such segment'),
          },
        },
      },
      '/api/traffic-status/{segment}/history': {
        get: {
          summary: 'The states of one segment, oldest first',
          parameters: [
            segment,
            inQuery('from', 'Windows that start at this instant or later; by default 24 hours before `to`', instant),
            inQuery('to', 'Windows that start before this instant; by default now, in city time', instant),
            limit,
          ],
          responses: {
            200: { ...answer('The states', 'TrafficHistory'), headers: paged },
            304: notModified,
            400: refusal('The query or the path is not valid'),
            404: refusal('There is no such segment'),
          },
        },
      },
      '/api/traffic-status/{segment}/profile': {
        get: {
          summary: 'What is usual on one segment at each time of day',
          parameters: [
            segment,
            inQuery('from', 'The first window; by default 24 hours before `to`, at most 48', instant),
            inQuery('to', 'The end of the last window; by default that of the present one, in city time', instant),
          ],
          responses: {
            200: answer('Percentiles of earlier days', 'TrafficProfile'),
            304: notModified,
            400: refusal('The query or the path is not valid'),
            404: refusal('There is no such segment'),
          },
        },
      },
      '/api/traffic-status/{segment}/devices': {
        get: {
          summary: 'The devices that measure one segment',
          parameters: [segment],
          responses: {
            200: answer('Each with its newest reading', 'SegmentDevices'),
            304: notModified,
            400: badPath,
            404: refusal('There is no such segment'),
          },
        },
      },
      '/api/traffic-status/{segment}/forecast': {
        get: {
          summary: 'What is expected of one segment in the next hour, beside what is usual then',
          parameters: [segment],
          responses: {
            200: { ...answer('Its newest forecast, or null', 'SegmentForecast'), headers: current },
            304: notModified,
            400: badPath,
            404: refusal('There is no such segment'),
          },
        },
      },
      '/api/traffic-forecasts': {
        get: {
          summary: 'What is expected of each segment in the next hour',
          parameters: [bbox, after, limit],
          responses: {
            200: {
              ...answer('Each with its newest forecast, or null', 'TrafficForecasts'),
              headers: { ...current, ...paged },
            },
            304: notModified,
            400: refusal('The query is not valid'),
          },
        },
      },
      '/api/forecast-accuracy': {
        get: {
          summary: 'How well forecasts were met, beside the two simplest ones',
          parameters: [
            inQuery('hours', 'How far to look back, in whole hours of city time', {
              ...{ type: 'integer', minimum: 1, maximum: SCORED_HOURS, default: 24 },
            }),
          ],
          responses: {
            200: { ...answer('The errors, by how far ahead it was', 'ForecastAccuracy'), headers: current },
            304: notModified,
            400: refusal('The query is not valid'),
          },
        },
      },
      '/api/settings': {
        get: {
          summary: 'What the page has to know of the city',
          responses: { 200: answer('The settings', 'PageSettings') },
        },
      },
      '/api/events': {
        get: {
          summary: 'State changes as server-sent events',
          description:
            'Each event `state` holds a TrafficState of a window that ended within the last hour (see history for older ones), its id is a position: send it back as Last-Event-ID to go on from there. An event `reset` says that changes were missed: read the status anew.',
          parameters: [{ name: 'Last-Event-ID', in: 'header', schema: { type: 'string', pattern: '^\\d{1,18}$' } }],
          responses: {
            200: answer('A stream without end', 'TrafficState', 'text/event-stream'),
            400: refusal('Last-Event-ID is not valid'),
          },
        },
      },
      '/api/operator/sensors': {
        get: {
          summary: 'How the sensors are, the troubled first; for operators',
          security: [BEARER],
          parameters: [
            inQuery('state', 'Only sensors in this state', { enum: SensorState.options }),
            inQuery('after', 'Only sensors behind this place: see the answer’s Link', {
              type: 'string',
              pattern: '^[0-3]:[^\\u0000]{1,128}$',
            }),
            limit,
          ],
          responses: {
            200: { ...answer('The sensors', 'SensorHealthPage'), headers: paged },
            400: refusal('The query is not valid'),
            403: refusal('The token is not an operator’s'),
          },
        },
      },
      '/': { get: { summary: 'The page', responses: { 200: { description: 'HTML', content: { 'text/html': {} } } } } },
      '/assets/{file}': {
        get: {
          summary: 'A part of the page',
          parameters: [{ name: 'file', in: 'path', required: true, schema: { type: 'string' } }],
          responses: {
            200: { description: 'Its name changes with its content', content: { '*/*': {} } },
            400: badPath,
            404: refusal('There is no such part'),
          },
        },
      },
    },
    schemas: Object.fromEntries(Object.entries(answered).map(([name, schema]) => [name, schemaOf(schema)])),
  })
