-- The hottest write of all, so by hand: one round trip, right under any race.
-- DailyEntryQuerySet.save_entry says what the parameters mean.
INSERT INTO program_dailyentry AS stored
    (enrollment_id, client_id, practice, day, line, answer, outcome, placed_at, created_at)
SELECT %(enrollment)s, %(client_id)s, %(practice)s::text, %(day)s, COALESCE(%(line)s::text, ''),
    COALESCE(%(answer)s::text, ''),
    CASE WHEN %(is_request)s THEN COALESCE(%(outcome)s::text, 'waiting') ELSE '' END,
    CASE WHEN %(placed)s::boolean THEN %(now)s::timestamptz END, %(now)s
WHERE EXISTS (
        SELECT FROM program_dailyentry
        WHERE enrollment_id = %(enrollment)s AND client_id = %(client_id)s)
    OR %(max)s > (
        SELECT count(*) FROM program_dailyentry
        WHERE enrollment_id = %(enrollment)s AND day = %(day)s AND practice = %(practice)s::text
            AND removed_at IS NULL)
ON CONFLICT (enrollment_id, client_id) DO UPDATE SET
    line = COALESCE(%(line)s::text, stored.line),
    answer = COALESCE(%(answer)s::text, stored.answer),
    outcome = CASE
        WHEN %(is_request)s THEN COALESCE(%(outcome)s::text, stored.outcome) ELSE '' END,
    placed_at = CASE
        WHEN %(placed)s::boolean IS NULL THEN stored.placed_at
        WHEN %(placed)s::boolean THEN COALESCE(stored.placed_at, excluded.placed_at) END
WHERE stored.removed_at IS NULL AND stored.day = excluded.day
    AND stored.practice = excluded.practice
RETURNING *
