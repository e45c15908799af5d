-- Room in every page for a second version of each of its rows: a batch moves talks that lie side by side, and what finds
-- no room in its page is entered in every index anew.
ALTER TABLE conversation SET (fillfactor = 45);
ALTER TABLE application SET (fillfactor = 45);
