-- What is expected of each segment, how well that was met, and the models it comes from. predict-traffic owns these
-- tables; an operator's command adds models.

-- One row a segment and window it was made from; arrays run over the points, nearest first. `persistence` and `profile`
-- are what the simpler forecasts said, to be scored beside it. `scored` counts the points whose time has come.
create table forecast (
  segment text collate "C" not null,
  "window" timestamptz not null,
  made_at timestamptz not null,
  source text not null check (source in ('model', 'profile', 'persistence')),
  model text,
  minutes int[] not null,
  p10 double precision[],
  p50 double precision[] not null,
  p90 double precision[],
  level text[] not null,
  persistence double precision,
  profile double precision[],
  scored int not null default 0,
  primary key (segment, "window")
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
create index forecast_window on forecast ("window");
create index forecast_unscored on forecast ("window") where scored < cardinality(minutes);

-- Sums over the forecasts that were scored, by the hour of the window they were for: squares and absolutes of errors in
-- km/h. `banded` counts those with a band, `covered` those whose band held the speed.
create table forecast_score (
  hour timestamptz not null,
  minutes int not null,
  source text not null,
  n int not null,
  absolute double precision not null,
  squared double precision not null,
  banded int not null,
  covered int not null,
  width double precision not null,
  persistence_n int not null,
  persistence_absolute double precision not null,
  persistence_squared double precision not null,
  profile_n int not null,
  profile_absolute double precision not null,
  profile_squared double precision not null,
  primary key (hour, minutes, source)
) with (fillfactor = 70);

-- A model as `junction train` writes it; its id is the SHA-256 of the sidecar, which names the hashes of the others.
create table model (
  id text primary key,
  onnx bytea not null,
  sidecar text not null,
  statistics text not null,
  golden text not null,
  added_at timestamptz not null default now(),
  -- Why the function would not load it; null while nothing speaks against it.
  refused text
);

-- Which model was put in service when, the newest last; null is the one that ships with the function.
create table model_use (
  seq bigint generated always as identity primary key,
  model text references model (id),
  since timestamptz not null default now()
);

-- How other functions read the newest forecast of each segment.
create view traffic_forecast as
select s.segment, s.name, s.length_km, f."window" as window_start, f.made_at, f.source, f.model, f.minutes,
  f.p10 as p10_kmh, f.p50 as p50_kmh, f.p90 as p90_kmh, f.level
from segment s
cross join lateral (select * from forecast w where w.segment = s.segment order by w."window" desc limit 1) f;

create view forecast_accuracy as select * from forecast_score;
