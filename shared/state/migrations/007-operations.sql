-- The operator's page and counts over very many open dead letters read these indexes alone, never the letters' bodies.
drop index dead_letter_open;
create index dead_letter_open on dead_letter (first_seen, id) where resolution is null;
create index dead_letter_open_reason on dead_letter (reason, first_seen, id) where resolution is null;
create index dead_letter_open_consumer on dead_letter (consumer, first_seen, id) include (reason) where resolution is null;

-- Who dropped a dead letter, when and why: one row each, never changed.
create table dead_letter_drop (
  dead_letter uuid primary key references dead_letter (id),
  at timestamptz not null default now(),
  who text not null,
  why text not null
);

-- The event of a partition whose failures are being counted: written when an attempt has failed, never else, so that
-- neither its attempts nor its 24 hours begin anew with the connector.
create table attempt (
  consumer text not null,
  log text not null,
  topic text not null,
  partition int not null,
  "offset" bigint not null,
  counts jsonb not null,
  first_at timestamptz not null default now(),
  primary key (consumer, log, topic, partition)
);
