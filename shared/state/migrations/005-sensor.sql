-- How the devices are. detect-congestion owns sensor and sensor_fault, ingest owns sensor_refusal. Instants are city time.

-- One row a device that ever had a reading accepted. `last_received_at` is null where all of them were given as history.
create table sensor (
  device text collate "C" primary key,
  last_observed_at timestamptz not null,
  last_received_at timestamptz
) with (
  fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.1
);

-- Readings that came late or hold a value out of range, by natural key, so that a repetition is no second one; of two
-- arrivals the first counts. Two days are kept, of which the last is shown.
create table sensor_fault (
  device text collate "C" not null,
  observed_at timestamptz not null,
  kind text not null check (kind in ('late', 'flagged')),
  received_at timestamptz not null,
  primary key (device, observed_at, kind)
) with (
  autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.1,
  autovacuum_analyze_scale_factor = 0.1
);
create index sensor_fault_received on sensor_fault (received_at) include (device, kind);

-- What ingest refused, by hour, with the newest reason; the device '' stands for names that are not those of a sensor.
-- Counted as well as can be: what a process had not written when it was killed is missing.
create table sensor_refusal (
  device text collate "C" not null,
  hour timestamptz not null,
  count int not null,
  last_at timestamptz not null,
  code text not null,
  error text not null,
  primary key (device, hour)
) with (fillfactor = 70);
create index sensor_refusal_hour on sensor_refusal (hour);

-- How ingest knows a sensor: the road network names it, or a reading of it was accepted.
create view known_sensor as
select device from segment_device union select device from sensor;

-- How city reads the health of each sensor: a view with city time as its parameter. The counts are those of the last 24
-- hours, of refusals in whole hours. The row of '' counts what no known sensor sent.
create function sensor_health(as_of timestamptz) returns table (
  device text, segment text, last_observed_at timestamptz, last_received_at timestamptz,
  late int, flagged int, refused int
) stable language sql begin atomic
  select k.device, coalesce(d.segment, p.segment), s.last_observed_at, s.last_received_at,
    coalesce(f.late, 0), coalesce(f.flagged, 0), coalesce(r.refused, 0)
  from (select known_sensor.device from known_sensor union all select '') k
  left join sensor s on s.device = k.device
  left join segment_device d on d.device = k.device
  left join segment p on p.segment = k.device
  left join (
    select sensor_fault.device, (count(*) filter (where kind = 'late'))::int as late,
      (count(*) filter (where kind = 'flagged'))::int as flagged
    from sensor_fault where received_at > as_of - interval '24 hours' group by 1
  ) f on f.device = k.device
  left join (
    select sensor_refusal.device, sum(sensor_refusal.count)::int as refused
    from sensor_refusal where hour > as_of - interval '24 hours' group by 1
  ) r on r.device = k.device;
end;

-- The newest refusal of each device, of the days that are kept.
create view last_refusal as
select distinct on (device) device, last_at, code, error from sensor_refusal order by device, hour desc;
