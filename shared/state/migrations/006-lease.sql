-- How several connectors share what there is to deliver: a pool (a consumer's partitions, its alarms and schedule) has
-- shares, and whoever takes part in a pool holds its fair part of them. A share that two hold for a moment is delivered
-- twice and done once, by the positions: nothing here fences anybody.

-- One row a connector, its whole life sign; the clock is the database's alone.
create table lease_holder (
  holder text primary key,
  pools text[] not null,
  expires_at timestamptz not null
) with (fillfactor = 50);

create table lease (
  pool text not null,
  share text not null,
  holder text not null references lease_holder on delete cascade,
  primary key (pool, share)
);

-- One look of a connector, given all it takes part in: renews (in the last two thirds of its time only), clears away who
-- expired, lets `given` go, takes what is free up to its fair part, and answers what it holds. `surplus` is what others
-- wait for: the holder ends its work there and gives it at its next look.
create function lease_look(holder_ text, expiry interval, pools_ text[], shares_ text[], given_pools text[],
  given_shares text[]) returns table (pool text, share text, surplus boolean) language plpgsql as $$
#variable_conflict use_column
declare
  joined text[] := array(select distinct p from unnest(pools_) p order by p);
begin
  perform pg_advisory_xact_lock(hashtext('junction leases'));
  if not exists (select from lease_holder h where h.holder = holder_ and h.pools = joined
                 and h.expires_at > clock_timestamp() + expiry * (2.0 / 3)) then
    insert into lease_holder values (holder_, joined, clock_timestamp() + expiry)
    on conflict (holder) do update set pools = excluded.pools, expires_at = excluded.expires_at;
  end if;
  delete from lease_holder where expires_at < clock_timestamp();
  delete from lease l where l.holder = holder_ and ((l.pool, l.share) in (select * from unnest(given_pools, given_shares))
    or (l.pool, l.share) not in (select * from unnest(pools_, shares_)));

  -- The rest of a division goes by a hash of pool and holder: pools of a single share do not all go to one.
  return query
  with wanted as (select * from unnest(pools_, shares_) w (pool, share)),
  part as (
    select w.pool, w.n / h.live + (h.before < w.n % h.live)::int as quota
    from (select pool, count(*) as n from wanted group by pool) w
    cross join lateral (
      select count(*) as live, count(*) filter (where md5(w.pool || o.holder) < md5(w.pool || holder_)) as before
      from lease_holder o where w.pool = any (o.pools)
    ) h
  ),
  held as (select l.pool, count(*) as n from lease l where l.holder = holder_ group by l.pool),
  free as (
    select w.pool, w.share, row_number() over (partition by w.pool order by w.share) as nth
    from wanted w where not exists (select from lease l where l.pool = w.pool and l.share = w.share)
  ),
  taken as (
    insert into lease
    select f.pool, f.share, holder_ from free f join part using (pool) left join held using (pool)
    where f.nth <= part.quota - coalesce(held.n, 0)
    returning lease.pool, lease.share
  ),
  mine as (select l.pool, l.share from lease l where l.holder = holder_ union all select * from taken)
  select m.pool, m.share, row_number() over (partition by m.pool order by m.share) > part.quota
  from mine m join part using (pool) order by 1, 2;
end $$;
