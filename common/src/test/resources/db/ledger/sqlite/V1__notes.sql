CREATE TABLE notes (id integer NOT NULL PRIMARY KEY, text text NOT NULL) STRICT;
CREATE TABLE marks (note integer NOT NULL REFERENCES notes (id)) STRICT;
