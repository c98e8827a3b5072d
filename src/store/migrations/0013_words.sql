-- Words to the staff: the open ones in their order, and how many were told or given up lately.
CREATE INDEX alerts_words ON alerts (over_ms, id) WHERE kind = 'staff';
