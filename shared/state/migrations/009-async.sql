-- Calls that were answered 202 and are made later (POST /async-function/…), and the callbacks that tell what came of them.

-- `due_at` is when a queued call is to be made, and until when a running one is its holder's. `claim` counts who took it:
-- whoever finishes a call names the claim it knows, so one that was taken over changes nothing. A call id is the caller's
-- own word and may come twice. What a finished call was asked with is cleared, unless an open dead letter still needs it.
create table async_call (
  seq bigint generated always as identity primary key,
  call_id text not null,
  function text not null,
  state text not null default 'queued' check (state in ('queued', 'running', 'done', 'failed', 'cancelled')),
  path text not null,
  headers text not null,
  body bytea,
  size int not null,
  callback_url text,
  claim int not null default 0,
  holder text,
  attempts int not null default 0,
  http_status int,
  queued_at timestamptz not null default now(),
  due_at timestamptz not null default now(),
  started_at timestamptz,
  finished_at timestamptz,
  callback text check (callback in ('pending', 'delivered', 'failed')),
  dead_letter uuid
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_analyze_scale_factor = 0,
  autovacuum_analyze_threshold = 10000);
create index async_call_open on async_call (function, due_at, seq) include (state, size) where finished_at is null;
create index async_call_id on async_call (call_id, seq);
create index async_call_finished on async_call (finished_at) where finished_at is not null;
create index async_call_dead_letter on async_call (dead_letter) where dead_letter is not null;

create table async_callback (
  seq bigint primary key references async_call on delete cascade,
  url text not null,
  headers text not null,
  body bytea not null,
  attempts int not null default 0,
  due_at timestamptz not null
);
create index async_callback_due on async_callback (due_at);
