-- What the page tells of a road beside its traffic.

-- What people call the road.
alter table segment add column name text;

create or replace view traffic_status as
select s.segment, s.geometry::json as geometry, s.lanes, s.length_km,
  coalesce(h.free_flow_kmh, s.free_flow_kmh) as free_flow_kmh, coalesce(h.level, 'unknown') as level, h.speed_kmh,
  h.ratio, h.jam_factor, coalesce(h.confidence, 0) as confidence, h.window_start, h.window_end, h.observed_at, h.rev,
  s.name
from segment s
left join lateral (
  select * from traffic_history w where w.segment = s.segment order by w.window_start desc limit 1
) h on true
where s.located_at = '-infinity' or not exists (select 1 from segment_device d where d.device = s.segment);

-- The devices of each segment, each with its newest reading that counted.
create view traffic_device as
select d.segment, d.device, r.observed_at
from (
  select segment, device from segment_device
  union
  select s.segment, s.segment from segment s where s.located_at <> '-infinity'
) d
left join lateral (
  select w.observed_at from window_reading w where w.segment = d.segment and w.device = d.device
  order by w."window" desc, w.observed_at desc limit 1
) r on true;
