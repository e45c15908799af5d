-- Versions of dialogs that a bureau has published itself, on the console or with `huizhi dialog publish`. The files of the
-- templates folder hold as long as a bureau has published none. Versions are counted from 1001, so that no number means a
-- file's version too. 0 is the draft, of which a dialog has one at most; what was published is never changed.
CREATE TABLE dialog_version (
    bureau_id    integer NOT NULL REFERENCES bureau,
    dialog       text NOT NULL,
    version      integer NOT NULL CHECK (version = 0 OR version > 1000),
    state        text NOT NULL CHECK (state IN ('draft', 'checked', 'published')),
    based_on     integer NOT NULL,              -- the version that it was begun from
    flow         text NOT NULL,                 -- as in NAME.dlg; its own number does not count
    revision     integer NOT NULL DEFAULT 1,    -- of the draft: grows with each change
    note         text NOT NULL DEFAULT '',
    begun_by     text NOT NULL,
    begun_at     timestamptz NOT NULL DEFAULT now(),
    changed_by   text NOT NULL,
    changed_at   timestamptz NOT NULL DEFAULT now(),
    checked_by   text,
    checked_at   timestamptz,
    published_by text,
    published_at timestamptz,
    PRIMARY KEY (bureau_id, dialog, version),
    CHECK ((version = 0) = (state <> 'published'))
);

-- Its wording: for each language one text as in NAME.LANG.txt, with what common.LANG.txt adds.
CREATE TABLE wording_version (
    bureau_id integer NOT NULL,
    dialog    text NOT NULL,
    version   integer NOT NULL,
    language  text NOT NULL,
    text      text NOT NULL,
    PRIMARY KEY (bureau_id, dialog, version, language),
    FOREIGN KEY (bureau_id, dialog, version) REFERENCES dialog_version (bureau_id, dialog, version)
        ON UPDATE CASCADE ON DELETE CASCADE
);
