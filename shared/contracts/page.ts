import { z } from 'zod'

/** What the page has to know of the city before it draws: `GET /api/settings`. */
export const PageSettings = z.strictObject({
  /** Length of a congestion window in milliseconds. */
  windowMs: z.int().positive(),
  /** IANA name of the city's time zone; null where the viewer's own is used. */
  timeZone: z.string().nullable(),
  /** A MapLibre style to draw the roads on; null for the plain ground. */
  mapStyleUrl: z.url().nullable(),
})
export type PageSettings = z.infer<typeof PageSettings>

const speed = z.number().nonnegative()

/** What is usual at this time of day: percentiles of the window's speed on earlier days, km/h. */
export const ProfileSlot = z.strictObject({
  windowStart: z.iso.datetime(),
  p10: speed,
  p50: speed,
  p90: speed,
  /** How many earlier days stand behind it, 3 at least. */
  days: z.int().min(3),
})
export type ProfileSlot = z.infer<typeof ProfileSlot>

/** What `GET /api/traffic-status/{segment}/profile` answers: windows with too few earlier days are left out. */
export const TrafficProfile = z.strictObject({
  segment: z.string(),
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  slots: z.array(ProfileSlot),
})
export type TrafficProfile = z.infer<typeof TrafficProfile>

/** What `GET /api/traffic-status/{segment}/devices` answers. */
export const SegmentDevices = z.strictObject({
  segment: z.string(),
  devices: z.array(
    z.strictObject({
      device: z.string(),
      /** Its newest reading that counted; null where there is none. */
      observedAt: z.iso.datetime().nullable(),
    }),
  ),
})
export type SegmentDevices = z.infer<typeof SegmentDevices>
