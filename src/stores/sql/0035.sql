-- adds columns
-- When what waits was put off last. Absent: not since it was received or written. A time that is still to come is that of somebody who hadn't
-- heard yet that the clock of the gateways was set back.
ALTER TABLE events ADD COLUMN put_off_at INTEGER;
ALTER TABLE deliveries ADD COLUMN put_off_at INTEGER;
