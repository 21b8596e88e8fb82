-- The list of findings without a state, worst first.
CREATE INDEX finding_worst ON finding (severity, id);
