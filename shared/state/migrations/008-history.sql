-- Of days long sealed the states go, too; the row stays, so that a reading of such a day is still known to be late.
alter table segment_day add column has_states boolean not null default true;
create index segment_day_history on segment_day (day) where sealed and has_states;
