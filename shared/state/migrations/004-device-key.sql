-- Keys by which devices send their own readings. The runtime's command line owns this table.

-- A key is dk_<prefix>_<secret>; of the secret, 32 random bytes, only the SHA-256 is kept. A row is never deleted, so that
-- a revoked key stays known as such.
create table device_key (
  prefix text collate "C" primary key,
  hash bytea not null check (octet_length(hash) = 32),
  devices text[] not null check (cardinality(devices) > 0),
  label text,
  created_at timestamptz not null default now(),
  revoked_at timestamptz
);
