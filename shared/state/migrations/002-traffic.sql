-- Roads, what was measured on them, and the traffic states that follow. detect-congestion owns every table here.

-- A row is also the lock of its segment. `located_at` tells where the geometry came from: -infinity is a network file,
-- infinity nowhere, else the earliest reading of an unmapped device that brought a location.
create table segment (
  segment text collate "C" primary key,
  geometry jsonb,
  located_at timestamptz not null default 'infinity',
  lanes int,
  length_km double precision,
  free_flow_kmh double precision,
  neighbours jsonb
) with (fillfactor = 70);

create table segment_device (
  device text collate "C" primary key,
  segment text collate "C" not null references segment (segment)
);
create index segment_device_segment on segment_device (segment);

-- One row a segment and UTC day with readings. `free_flow_kmh` was computed from earlier days where the network gives
-- none, null if they did not suffice; `sealed` says that the readings behind the day's windows are purged.
create table segment_day (
  segment text collate "C" not null,
  day date not null,
  free_flow_kmh double precision,
  sealed boolean not null default false,
  touched_at timestamptz not null default now(),
  primary key (segment, day)
) with (fillfactor = 70);
create index segment_day_open on segment_day (day) where not sealed;

-- Readings, not sums, so that any order and repetition of them gives the same window. A missing seq is -1.
create table window_reading (
  segment text collate "C" not null,
  "window" timestamptz not null,
  device text collate "C" not null,
  observed_at timestamptz not null,
  seq bigint not null,
  speed double precision,
  count double precision,
  occupancy double precision,
  primary key (segment, "window", device, observed_at)
) with (
  autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.1,
  autovacuum_analyze_scale_factor = 0.02
);

-- One row a segment and window; n = 0 is a window closed without a reading. `open` marks a window with readings whose
-- next window has no row yet: the alarm closes that one.
create table window_state (
  segment text collate "C" not null,
  "window" timestamptz not null,
  window_end timestamptz not null,
  n int not null,
  vehicles double precision,
  occupancy double precision,
  speed double precision,
  free_flow_kmh double precision,
  ratio double precision,
  level text not null,
  confidence double precision not null,
  observed_at timestamptz,
  open boolean not null,
  rev int not null,
  primary key (segment, "window")
) with (
  fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.1,
  autovacuum_analyze_scale_factor = 0.02
);
create index window_state_open on window_state ("window", segment) where open;

-- How other functions read the states. The jam factor is 10 * (1 - ratio), held between 0 and 10.
create view traffic_history as
select segment, "window" as window_start, window_end, level, speed as speed_kmh, free_flow_kmh, ratio,
  case when ratio is not null then round(greatest(0, least(10, 10 * (1 - ratio)))::numeric, 2)::double precision end
    as jam_factor,
  confidence, observed_at, rev
from window_state;

-- One row a segment, its newest window. The point segment of a device that a network file has mapped since is left out.
create view traffic_status as
select s.segment, s.geometry::json as geometry, s.lanes, s.length_km,
  coalesce(h.free_flow_kmh, s.free_flow_kmh) as free_flow_kmh, coalesce(h.level, 'unknown') as level, h.speed_kmh,
  h.ratio, h.jam_factor, coalesce(h.confidence, 0) as confidence, h.window_start, h.window_end, h.observed_at, h.rev
from segment s
left join lateral (
  select * from traffic_history w where w.segment = s.segment order by w.window_start desc limit 1
) h on true
where s.located_at = '-infinity' or not exists (select 1 from segment_device d where d.device = s.segment);
