/** Thursday 2012-03-01, 08:06 UTC: harbor's forecast is of now, an older one before it; that of `silent` is stale. */
export const FORECASTS = `
  update segment set name = 'Harbor Road' where segment = 'harbor';
  insert into forecast (segment, "window", made_at, source, model, minutes, p10, p50, p90, level, persistence, profile) values
    ('harbor', '2012-03-01T07:55Z', '2012-03-01T08:01Z', 'profile', null, '{15,60}', null, '{1,2}', null,
      '{stationary,stationary}', 70, '{1,2}'),
    ('harbor', '2012-03-01T08:00Z', '2012-03-01T08:06Z', 'model', 'f00d', '{15,60}', '{40,50.5}', '{55,65}', '{70,80}',
      '{slow,heavy}', 48, '{60,60}'),
    ('silent', '2012-03-01T07:45Z', '2012-03-01T07:51Z', 'model', 'f00d', '{15,60}', '{80,80}', '{88,88}', '{90,90}',
      '{free,free}', 88, null);
  insert into window_state (segment, "window", window_end, n, speed, free_flow_kmh, ratio, level, confidence, observed_at,
      open, rev)
    select 'harbor', at, at + interval '5 min', 1, speed, 100, 0.5, 'slow', 0.7, at, false, 1
    from (values ('2012-02-27T08:15Z'::timestamptz, 60), ('2012-02-28T08:15Z', 70), ('2012-02-29T08:15Z', 90),
      ('2012-02-28T09:00Z', 20), ('2012-02-29T09:00Z', 20)) day (at, speed);`

/** City time is 08:06. By hour, horizon and source: two and one of 15 minutes, one of 60 without band or persistence. */
export const SCORES = `
  insert into forecast_score values
    ('2012-03-01T08:00Z', 15, 'model', 2, 6, 20, 2, 1, 30, 2, 10, 52, 2, 9, 81),
    ('2012-03-01T06:00Z', 15, 'model', 1, 1, 1, 1, 1, 12, 1, 4, 16, 1, 3, 9),
    ('2012-03-01T07:00Z', 15, 'profile', 1, 5, 25, 0, 0, 0, 1, 2, 4, 1, 5, 25),
    ('2012-03-01T07:00Z', 60, 'persistence', 1, 8, 64, 0, 0, 0, 0, 0, 0, 0, 0, 0),
    ('2012-03-01T05:00Z', 30, 'model', 1, 2, 4, 1, 1, 10, 1, 2, 4, 1, 3, 9);`
