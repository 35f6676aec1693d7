with visits as (
    select
        visit.window, visit.clerk, visit.service,
        count(*) filter (where visit.waited is not null) as called,
        count(*) filter (where visit.state = 'done') as served,
        count(*) filter (where visit.state = 'missed') as missed,
        coalesce(sum(visit.waited), 0) as waited,
        count(*) filter (where visit.waited > :wait_target) as waited_long,
        coalesce(
            sum(visit.ended_at - visit.started_at - visit.held) filter (where visit.state = 'done'), 0
        ) as service_time,
        count(asking.visit) as asked,
        count(*) filter (
            where asking.ended_as = 'timed_out'
                and not exists (select 1 from rating where rating.visit = visit.id)
        ) as timed_out,
        count(*) filter (
            where visit.state = 'done' and asking.visit is null
                and not exists (select 1 from rating where rating.visit = visit.id)
        ) as never_asked
    from visit
    left join asking on asking.visit = visit.id
    where visit.ended_at >= :first and visit.ended_at < :past
    group by visit.window, visit.clerk, visit.service
),
ratings as (
    select
        rating.window, rating.clerk, rating.service,
        count(*) filter (where rating.level = 'very_satisfied' and valid) as very_satisfied,
        count(*) filter (where rating.level = 'satisfied' and valid) as satisfied,
        count(*) filter (where rating.level = 'basically_satisfied' and valid)
            as basically_satisfied,
        count(*) filter (where rating.level = 'dissatisfied' and valid) as dissatisfied,
        count(*) filter (where rating.level = 'very_dissatisfied' and valid) as very_dissatisfied,
        count(*) filter (where rating.voided_at is not null) as voided,
        count(*) filter (where rating.given_by_default = 1 and rating.voided_at is null)
            as defaults
    from (
        -- a second rating follows a rectified service; it replaces nothing and counts in no rate
        select rating.*, (voided_at is null and given_by_default = 0) as valid from rating
        where rating.at >= :first and rating.at < :past and rating.nth = 1
    ) as rating
    group by rating.window, rating.clerk, rating.service
),
keys as (
    select window, clerk, service from visits
    union
    select window, clerk, service from ratings
)
select
    keys.window, keys.clerk, keys.service,
    coalesce(visits.called, 0), coalesce(visits.served, 0), coalesce(visits.missed, 0),
    coalesce(visits.waited, 0), coalesce(visits.waited_long, 0),
    coalesce(visits.service_time, 0), coalesce(visits.asked, 0), coalesce(visits.timed_out, 0),
    coalesce(visits.never_asked, 0),
    coalesce(ratings.very_satisfied, 0), coalesce(ratings.satisfied, 0),
    coalesce(ratings.basically_satisfied, 0), coalesce(ratings.dissatisfied, 0),
    coalesce(ratings.very_dissatisfied, 0), coalesce(ratings.voided, 0),
    coalesce(ratings.defaults, 0)
from keys
left join visits on visits.window = keys.window and visits.service = keys.service
    and coalesce(visits.clerk, '') = coalesce(keys.clerk, '')
left join ratings on ratings.window = keys.window and ratings.service = keys.service
    and coalesce(ratings.clerk, '') = coalesce(keys.clerk, '')
order by keys.window, keys.clerk, keys.service
