-- The log, the positions in it, and what delivery keeps beside them.

create table log_partition (
  topic text not null,
  partition int not null,
  next_offset bigint not null default 0,
  last_day date not null default '-infinity',
  primary key (topic, partition)
) with (
  fillfactor = 20, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500,
  autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 5000
);

-- `attributes` holds the other CloudEvents attributes as one JSON object, made once at append.
create table log (
  topic text not null,
  partition int not null,
  "offset" bigint not null,
  day date not null,
  key text not null,
  id text not null,
  type text not null,
  attributes text not null,
  data bytea not null,
  appended_at timestamptz not null default clock_timestamp(),
  primary key (topic, partition, "offset", day)
) partition by range (day);

-- A net: events of a day nobody made a partition for are kept, not refused.
create table log_default partition of log default;

create table position (
  consumer text not null,
  log text not null,
  topic text not null,
  partition int not null,
  next bigint not null,
  next_day date not null default '-infinity',
  primary key (consumer, log, topic, partition)
) with (
  fillfactor = 20, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500,
  autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 5000
);

-- When a consumer was last seen deployed: one that is gone holds retention up for 7 days, no longer.
create table consumer (
  name text primary key,
  seen_at timestamptz not null default now()
);

-- Only for calls without a position and for handlers that declare `once`.
create table inbox (
  consumer text not null,
  id uuid not null,
  done_at timestamptz not null default now(),
  primary key (consumer, id)
);
create index inbox_done_at on inbox (done_at);

-- City time.
create table alarm (
  consumer text not null,
  at timestamptz not null,
  primary key (consumer, at)
);

-- City time; a schedule first seen has last = now.
create table schedule (
  consumer text not null,
  name text not null,
  last timestamptz not null,
  primary key (consumer, name)
);

create table dead_letter (
  id uuid primary key default gen_random_uuid(),
  consumer text not null,
  topic text,
  partition int,
  "offset" bigint,
  event_id text,
  part text,
  reason text not null check (reason in ('decode', 'validation', 'oversize', 'time_out_of_range', 'identity_mismatch',
    'rejected_by_function', 'attempts_exhausted', 'too_old')),
  error_class text not null,
  error text not null,
  attempts int not null default 1,
  first_seen timestamptz not null default now(),
  last_seen timestamptz not null default now(),
  function_version text,
  trace_id text,
  headers jsonb not null default '{}',
  body bytea not null,
  body_sha256 bytea generated always as (sha256(body)) stored,
  replays int not null default 0,
  replayed_at timestamptz,
  resolution text
);
create index dead_letter_open on dead_letter (consumer, first_seen) where resolution is null;

-- Who brought a dead letter back, and when: one row a replay, never changed.
create table dead_letter_replay (
  dead_letter uuid not null references dead_letter (id),
  at timestamptz not null default now(),
  outcome text not null
);

-- One row: the clock of this data folder, for life. Speed 0 is a clock that somebody steps by hand.
create table city_clock (
  one boolean primary key default true check (one),
  city timestamptz not null,
  real timestamptz not null default clock_timestamp(),
  speed double precision not null check (speed >= 0),
  seen timestamptz not null default clock_timestamp()
);

-- Appends events in the order given and makes them visible without gaps: the rows of log_partition are locked in sorted
-- order until COMMIT, so call it last. `data` is all bodies end to end, cut by `sizes`.
create function log_append(topics text[], partitions int[], keys text[], ids text[], types text[], attributes_ text[],
  sizes int[], bodies bytea) returns void language plpgsql as $$
declare
  appended int;
  given int := cardinality(topics);
  today date;
begin
  if octet_length(bodies) <> (select sum(s) from unnest(sizes) s) then
    raise exception 'log_append: the sizes do not add up to the bodies' using errcode = 'JN002';
  end if;
  perform 1 from log_partition p
    where (p.topic, p.partition) in (select distinct t, n from unnest(topics, partitions) as g (t, n))
    order by p.topic, p.partition for update;
  today := (clock_timestamp() at time zone 'utc')::date;
  with given_events as (
    select e.*, sum(e.size) over (order by e.ord) - e.size + 1 as at,
      row_number() over (partition by e.topic, e.partition order by e.ord) - 1 as nth
    from unnest(topics, partitions, keys, ids, types, attributes_, sizes)
      with ordinality as e (topic, partition, key, id, type, attributes, size, ord)
  )
  insert into log (topic, partition, "offset", day, key, id, type, attributes, data)
  select e.topic, e.partition, p.next_offset + e.nth, greatest(p.last_day, today), e.key, e.id, e.type, e.attributes,
    substring(bodies from e.at::int for e.size)
  from given_events e join log_partition p on p.topic = e.topic and p.partition = e.partition;
  get diagnostics appended = row_count;
  if appended <> given then
    raise exception 'log_append: % of % events name a topic or partition this log does not have', given - appended, given
      using errcode = 'JN002', hint = 'run the migrations of a build that knows the topic';
  end if;
  update log_partition p set next_offset = p.next_offset + g.n, last_day = greatest(p.last_day, today)
  from (select t, n as partition, count(*) as n from unnest(topics, partitions) as u (t, n) group by t, n) g
  where p.topic = g.t and p.partition = g.partition;
end $$;

-- The claim of a slice: moves the position from where the slice began, or raises JN001 if somebody else did.
create function position_claim(consumer_ text, log_ text, topic_ text, partition_ int, first_ bigint, next_ bigint)
  returns void language plpgsql as $$
begin
  update position p set next = next_, next_day = case
      when log_ <> 'postgres' or p.next_day >= (now() at time zone 'utc')::date then p.next_day
      else coalesce((select l.day from log l where l.topic = topic_ and l.partition = partition_
        and l.day >= p.next_day and l."offset" = next_ - 1), p.next_day) end
    where p.consumer = consumer_ and p.log = log_ and p.topic = topic_ and p.partition = partition_ and p.next = first_;
  if not found then
    raise exception 'the position has moved' using errcode = 'JN001';
  end if;
end $$;
