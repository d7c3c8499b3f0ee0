"""The formulas of the measurement method: pure functions on arrays, without tables or clocks.

What a mart needs every day is SQL (`dbt_project/models/metrics`, `signals`); here is what SQL
cannot say, and the same formulas where an interval is wanted for arrays. By subject:

    intervals     what an interval is; MOVER, which joins two of them
    proportions   Wilson, Jeffreys, Clopper-Pearson, Newcombe's difference, sample sizes
    rates         Garwood, Byar, ratio and difference of rates, dispersion
    means         t, Welch, log-t, modified Cox, BCa
    resampling    what a bootstrap of a mean comes to, and draws of clusters
    medians       ranks of the items around a median
    durations     Kaplan-Meier, restricted mean, competing ends
    reliability   bounds of a mean time between failures, Laplace's trend
    charts        process limits; `scales` they are charted on; `rules` that are hints only
    multiplicity  Holm, Benjamini-Hochberg
    bounds        what missing finishes leave open
    tree          contributions of inputs to a change
    drivers       whether an input moves ahead of its parent
    comparisons   the last periods against the baseline, for a page with many charts
    impact        launches, deflected tickets, capacity value
    volumes       how many events a source should have sent

Each function names its source. Arrays of one shape give arrays of that shape.
"""
