-- The figures of large campaigns as they were counted last: nobody who looks at one waits while its texts are walked again.
CREATE TABLE campaign_figure (
    bureau_id   integer NOT NULL,
    campaign_id bigint NOT NULL,
    counted_at  timestamptz NOT NULL, -- the moment they are of
    looked_at   timestamptz NOT NULL, -- the last count; later than counted_at when retention had dropped texts by then
    took        interval NOT NULL,
    status      text NOT NULL,        -- the campaign's, when it was counted
    texts       bigint NOT NULL,      -- of any state
    queued      bigint NOT NULL,
    sent        bigint NOT NULL,
    delivered   bigint NOT NULL,
    failed      bigint NOT NULL,
    parts       bigint NOT NULL,
    yes         bigint NOT NULL,
    no          bigint NOT NULL,
    stop        bigint NOT NULL,
    not_me      bigint NOT NULL,
    states      jsonb NOT NULL,       -- phones by what became of their text
    course      jsonb NOT NULL,       -- the picture's points
    PRIMARY KEY (bureau_id, campaign_id),
    FOREIGN KEY (bureau_id, campaign_id) REFERENCES campaign (bureau_id, id)
);
