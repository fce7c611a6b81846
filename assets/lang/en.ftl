# Every sentence and word that skuferry shows, in English. Project Fluent: https://projectfluent.org/fluent/guide/
# Ids begin with what they are about. A count is `{ $count }` and picks its plural by a selector; names come as they are.
# A message begins with a small letter where it stands in the middle of a line.

## Counts with their nouns

count-users = { $count ->
    [one] { $count } user
   *[other] { $count } users
}

## What a run says when it ends

run-rolled-back = { $count ->
    [one] ; { $count } user was rolled back
   *[other] ; { $count } users were rolled back
}

## Where a user stands

standing-on-source = on source
standing-on-target = on target
standing-processing = processing
standing-ready = ready
standing-ready-in-conflict = ready · conflict as expected
standing-migrated = migrated
standing-rolled-back = rolled back
standing-old-license-stays = old license stays
standing-new-license-stays = new license stays
standing-stuck = stuck
standing-lost-part = lost a part
standing-no-license = NO LICENSE
standing-deleted = deleted
standing-not-read = not read yet
standing-with-detail = { $standing } · { $detail }
# Who holds a license that stays.
standing-holder-not-processed = not processed yet
standing-holder-dependency = another product needs it
standing-holder-direct = assigned directly
standing-holder-group = from another group
standing-holder-unnamed = no source named
# What keeps a stuck user.
standing-trouble-target-elsewhere = target from elsewhere
standing-trouble-source-elsewhere = source from elsewhere
standing-trouble-unexplained = license without a source
# $word is Microsoft Graph's own, such as CountViolation.
standing-trouble-cause = { $cause } ({ $word })
standing-trouble-state = in the state { $word }
standing-trouble-of-product = { $cause } of { $product }
standing-cause-no-seat = no free seat
standing-cause-excluded = another license excludes it
standing-cause-dependency = another product needs it or is needed
standing-cause-location = not offered in the user's country
standing-cause-address = mail address already in use
standing-cause-other = no cause named
standing-flaw-excluded = { $by } excludes { $product }
standing-flaw-excluded-by-waiting = { $by } waits and excludes { $product }
standing-flaw-unexplained = a conflict of { $product } that is not explained
standing-flaw-needs = { $plan } of { $product } lacks what it needs
standing-flaw-no-seat = no free seat of { $product }
standing-flaw-unknown-plans = the plans of { $product } are not known
standing-flaw-fails-elsewhere = { $product } fails elsewhere: { $error }
standing-flaw-not-usable = the subscription of { $product } is { $status }
standing-flaw-no-longer-assigned = the target group no longer assigns { $product }
standing-flaw-loses-service = { $service } would be lost
standing-flaw-location = usage location changed from { $from } to { $to } since preflight
standing-no-location = none
# Core services.
standing-service-exchange = Exchange
standing-service-sharepoint = SharePoint or OneDrive
standing-service-teams = Teams
standing-service-apps = the desktop apps

## Why something that the operator asks for is not done

refusal-complete = migration complete: nothing is left to approve
refusal-nobody-ready = no user is ready: mend what preflight found, then check again with p
refusal-preflighting = preflight is still reading the tenant
refusal-no-batch = there is no such batch
refusal-adding = { $count ->
    [one] adding: { $count } user is still to be added
   *[other] adding: { $count } users are still to be added
}
refusal-removing = { $count ->
    [one] removing: { $count } user is still to be removed
   *[other] removing: { $count } users are still to be removed
}
refusal-licensing = { $count ->
    [one] writing: the licenses of { $count } user are still to be seen to
   *[other] writing: the licenses of { $count } users are still to be seen to
}
refusal-outcomes-unknown = { $count ->
    [one] the outcome of a write is not known yet: the tenant is being asked
   *[other] the outcome of { $count } writes is not known yet: the tenant is being asked
}
refusal-group = { $problem }: mend it, and it is read again by itself
refusal-batch-being-checked = the batch is being checked
refusal-plan = { $problem }: mend it, then check again with p
refusal-nobody-of-batch-ready = no user of the batch is ready
refusal-all-removed = every removal is acknowledged
refusal-not-safe-yet = not safe to remove yet: { $count } of the batch
refusal-finishing = nothing to approve: GBL is finishing this batch
refusal-batch-complete = the batch is complete
refusal-stale = the question has grown old: press a and read it again
refusal-stale-request = the question has grown old: ask again
refusal-not-in-run = this user is not in the run
refusal-writing-halt-first = writing is under way: halt it with H first
refusal-writing-wait = writing is under way: wait for its end, or halt it with H
refusal-alarm-waits = an alarm waits to be acknowledged: press a
refusal-halted = the run is halted, and nothing is written until you lift the halt: press a
refusal-nobody-named = nobody was named
refusal-not-in-batch = { $user } is not in the batch under way
refusal-excluded-already = { $user } is excluded already
refusal-excluded = { $user } is excluded from the batch
refusal-write-under-way = a write for { $user } is under way: wait for its outcome
refusal-write-unknown = what became of a write for { $user } is not known yet: wait for it
refusal-nothing-to-roll-back = nothing was written for { $user }: there is nothing to roll back
refusal-rolled-back-already = { $user } was rolled back already
refusal-being-rolled-back = { $user } is being rolled back
refusal-not-in-group-yet = { $user } is not in the group yet: there is nothing to reprocess
refusal-nothing-wrong = nothing is wrong with the licenses of { $user }
refusal-not-there = { $user } is not there to be reprocessed
refusal-not-left-yet = { $user } has not left the group yet: the direct { $old } can go after the removal
refusal-only-license = { $user } has no { $new } yet: should they have { $old } directly, it may be all that they have. R rolls back
refusal-no-direct-license = no direct { $old } stands in the way of { $user }

## Small words

# Between two of a list; the spaces stand in quotes.
word-and = { " " }and{ " " }
word-or = { " " }or{ " " }
word-end = { $end ->
    [source] source
   *[target] target
}

## Seats

seats-short = { seats-free }, { $needed ->
    [one] { $needed } is needed
   *[other] { $needed } are needed
}
seats-free = { $free ->
    [one] { $free } seat is free
   *[other] { $free } seats are free
}
seats-short-of-product = { $free ->
    [one] { $free } seat of { $product } is free
   *[other] { $free } seats of { $product } are free
}, { $needed ->
    [one] { $needed } is needed
   *[other] { $needed } are needed
}

seats-fit = { $count ->
    [0] nobody fits
    [one] the first user fits
   *[other] the first { $count } users fit
}
seats-and-fit = { $short }; { seats-fit }
seats-later = { $short }, and { $count } more for who comes later

## Preflight: what is wrong with the plan as a whole

problem-nobody-listed = nobody is listed, so there is nobody to move
problem-rows-passed-over = { $count ->
    [one] { $count } row of the list was passed over: { $rows }
   *[other] { $count } rows of the list were passed over: { $rows }
}
problem-rows-and-more = { $rows }; and { $count } more
problem-row-comment = line { $line } (a comment): { $text }
problem-row-example = line { $line } (the example of the template): { $text }
problem-row-header = line { $line } looks like a header: { $text }
problem-row-header-again = line { $line } (the header again): { $text }
problem-disproved = { $count ->
    [one] { $count } user holds
   *[other] { $count } users hold
} { $one } and { $other } side by side, which exclude each other by Microsoft's list: it is not held against anybody
problem-lacks-permission = the sign-in lacks the permission { $permission }
problem-sku-ambiguous = the tenant has the { word-end } SKU { $sku } more than once, { $ids }, and the group { $group } does not tell which; give the skuId as sku
problem-no-subscription = the tenant has no subscription for the { word-end } SKU { $sku }
problem-not-for-users = the { word-end } SKU { $sku } is licensed by company, not by user
problem-no-group = the tenant has no { word-end } group { $group }
problem-not-assigned = the { word-end } group { $group } does not assign { $product }
problem-dynamic = a rule decides who is in the { word-end } group { $group }
problem-synced = the { word-end } group { $group } is synced from on premises; its members change there
problem-mail-enabled = the { word-end } group { $group } is mail-enabled; Graph does not write its members
problem-holds-roles = the { word-end } group { $group } can hold directory roles; changing its members asks for RoleManagement.ReadWrite.Directory
problem-restricted = the { word-end } group { $group } lies in a restricted administrative unit
problem-seats-short = { $short }; { seats-fit }
problem-unusable = the subscription of { $product } is { $status }: no seat of it can be used
problem-loses-products = { $group } also assigns { $products }; users lose it with the group
problem-brings-products = { $group } also assigns { $products }; if one product of a group fails for a user, none is assigned
problem-loses-service = users lose { $service }: { $group } brings nothing in place of { $plans }; { $accepted ->
    [yes] accept_losses in the configuration allows it
   *[no] if that is meant, name "{ $word }" in accept_losses under [migration]
}
problem-plans-gone = { $group } does not bring { $plans }
problem-plans-lower = { $group } brings { $plans }
problem-plan-instead = { $to } instead of { $from }
problem-subscription = { $product }: { $caution }
# $seats is empty, or problem-of-seats.
problem-of-seats = { $count ->
    [one] { " " }of { $count } seat
   *[other] { " " }of { $count } seats
}
problem-subscription-in-grace = a subscription{ $seats } has ended and is in its grace period
problem-subscription-in-grace-until = a subscription{ $seats } has ended and is in its grace period until { $day }
problem-subscription-trial = a subscription{ $seats } is a trial
problem-subscription-trial-ends = a trial{ $seats } ends on { $day } unless it is renewed
problem-subscription-ends = a subscription{ $seats } ends on { $day } unless it is renewed
problem-seats-in-grace = { $count ->
    [one] { $product }: { $count } seat is of a subscription in its grace period
   *[other] { $product }: { $count } seats are of a subscription in its grace period
}

## Preflight: what is wrong about one user

reason-disabled = the account { $user } is disabled; its licenses move all the same
reason-no-usage-location = no usage location is set; a group license takes the directory's
reason-older-edition = { $reason }, by an older edition of Microsoft's list
reason-source-in-state = { $product } from { $group } is { $state }
reason-source-unnamed = { $product } is held, but Graph does not say where from
reason-source-not-from-group = { $product } does not come from { $group }
reason-also-direct = { $product } is also assigned directly
reason-also-from-group = { $product } also comes from the group { $group }
reason-held-already = { $product } is held already
reason-in-error-already = { $product } is in error already: { $word }
reason-not-found = line { $line }: the tenant has no user { $given }
reason-malformed = line { $line }: { $given } is neither a user principal name nor an object id
reason-duplicate = line { $line }: { $user } is already named on line { $first }
reason-excludes = { $by } excludes { $product }
reason-may-exclude = the plans of { $by } are not known, so it may exclude { $product }
reason-group-excludes-itself = { $group } assigns both { $product } and { $by }, which exclude each other
reason-waits-from-group = { $by } waits from the group { $group } and { reason-surely-excludes } { $product }: it may win when the source license goes
reason-waits-direct = { $by } waits as a direct license and { reason-surely-excludes } { $product }: it may win when the source license goes
reason-surely-excludes = { $surely ->
    [yes] excludes
   *[no] may exclude
}
reason-plans-unknown = the plans of { $product }, which the target group assigns, are not known
reason-fails-elsewhere = { $product } fails with { $error } already, and the target group's products would as well
reason-nothing-brings = { $plan } of { $product } needs a service that nothing brings once the source is gone
reason-needs-source = { $plan } of { $product } needs { $needs }, which only the source brings

## What happened to one user

event-user-added-to-target = added to the target group
event-user-added-to-source = added to the source group
event-user-removed-from-source = removed from the source group
event-user-removed-from-target = removed from the target group
event-user-reprocessed = reprocessed
event-user-rid-of-direct-license = rid of the direct license
event-user-not-done = not { $done }: { $fault }
event-user-perhaps-done = perhaps { $done }: { $fault }
event-user-read-back-done = { $done }, as reading back shows
event-user-read-back-not-done = not { $done }, as reading back shows
event-user-went-back = went back: { $standing }
event-user-by-others = { $standing }, not by our removal
event-user-not-removed = not removed: { $why }
event-user-excluded = excluded by { $by }
event-user-explained = the audit log says: { $why }
event-user-taken-back = taken back by { $by }

## Why the last look before a removal proved nothing

reason-proof-different-users = the two reads are of different users
reason-proof-before-the-write = a read began before the last write was acknowledged
reason-proof-not-in-order = the two reads did not follow each other
reason-proof-disagree = two reads disagree: { $first }, then { $last }
reason-proof-not-safe = "{ $standing }" is not safe to remove
reason-proof-too-old = the last read is too old
reason-proof-not-looked = the last look could not be made
reason-proof-not-added = the addition was not acknowledged
reason-proof-not-removed = the removal was not acknowledged
reason-proof-not-in-group = they are not seen in the group that they went to
reason-proof-group-not-read = it cannot be read whether they are in the group that they went to: { $fault }
reason-proof-seen-while-waiting = { $standing } was seen while it waited to be sent

## What failed, or has to wait

wait-preflight = preflight
wait-batch-preflight = the batch's preflight
wait-groups-and-skus = groups and SKUs
wait-verify-pass = the verify pass
wait-user = a user
wait-group = a group
wait-membership = a membership
wait-groups = reading the groups
wait-last-look = the last look
wait-addition = an addition
wait-removal = a removal
wait-reprocess = a reprocess
wait-direct-license = a direct license

## What went wrong with a request. Microsoft Graph's own words are shown as they came

error-with-details = { $message } ({ $details })
error-taken-out = somebody else took them out again after they were { $done }
error-put-back = somebody else put them back after they were { $done }
error-not-in-effect = reading back shows that it did not take effect
error-said-two-things = the answer said two things of this user
error-not-mentioned = the answer did not mention this user
error-halted-before-sent = writing was halted before it was sent
error-group-wrong = { $problem }, so it was not sent
error-canary-first = a removal of the canary has to be made again first, so it was not sent
error-sign-in-failed = signing in failed; the run waits, and goes on by itself once it works: { $said }
error-no-answer = no answer
error-missing-permission = { $said } Needed: { $permission }.
error-permission-and-license-role = { $permission } and a role such as License Administrator
error-permission-and-group-role = { $permission } and a role that may change this group's members
error-and-wait = { $said }; { $wait }
error-long-wait = the service asked to be left alone for { $asked }; it is asked again after { $left }, or at once by `p`
error-too-long-wait = the service asked to be left alone for longer than we wait
error-one-user = Graph refuses this for this user, though not for others: { $said }
error-about-user = { $user }: { $said }
error-would-delete-user = a removal without /$ref would delete the user
error-halted = writing was halted
error-proof-too-old = the proof grew too old before the write could leave
error-unknown-before = not sent, because it is not known yet what became of the request before it
error-not-graphs-page = the answer { $status } is not Microsoft Graph's: "{ $excerpt }"
error-silent-answer = the service answered { $status } and did not say why
error-no-url = no URL can be made: { $why }
error-no-answer-came = no answer came: { $why }
error-took-too-long = it took too long
error-cut-off = the answer was cut off: { $why }
error-too-large = the answer is larger than { $most }, so it is not Microsoft Graph's and was not read; see what answers at this address
error-no-tls = no TLS client can be made: { $why }
error-other-group = Graph answered with another group
error-other-user = Graph answered with another user
error-circle = Graph's pages go round in a circle
error-endless = Graph's pages do not come to an end; nothing was taken from them. A list may have { $entries } entries on { $pages } pages at most
error-foreign-page = Graph's next page lies on another host; it was not asked
error-long-link = Graph's link to the next page is longer than { $most }; it was not asked
error-not-graphs = the answer is not Microsoft Graph's; a proxy may have given it: "{ $excerpt }"
error-too-deep = Graph's answer is nested more deeply than any that Microsoft documents; it was not read
error-no-sense = Graph's answer makes no sense: { $why }
error-lacks = Graph's answer about user { $user } lacks { $property }; the permission needed is User.Read.All
error-bad-seats = Graph says of product { $product } that it has { $count } { $what } seats, which cannot be
error-batch-twice = the batch answered twice for this request
error-batch-silent = the batch did not answer for this request
error-batch-without-items = the batch was answered without its items
error-other-status = the service answered { $status } where Graph answers { $expected }
error-bad-token = the access token holds characters that no token has
error-plain-http = { $url } is plain http: only https is spoken to other machines
error-not-https = { $scheme } is not https: only https is spoken to other machines
error-not-a-url = an endpoint is not a URL ({ $why }); write it as https://host
error-endpoint-parts = an endpoint is scheme and host, without user, query or fragment
error-bad-tenant = the tenant is a GUID or a domain name
error-sign-in-too-long = the sign-in asked to be left alone for longer than we wait; it is asked again after that
error-sign-in-given-up = the sign-in was given up
error-sign-in-unreachable = the sign-in could not be reached: { $why }
error-sign-in-unreachable-authority = the sign-in could not be reached: { $why }; where a proxy opens TLS, name the file with its certificate authority as ca_file in [tenant]
error-sign-in-unreachable-proxy = the sign-in could not be reached: { $why }; the proxy wants a login: HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT
error-no-token = the sign-in answered with something other than a token
error-sign-in-silent = the sign-in answered { $status } and did not say why
error-codes = codes { $codes }
error-correlation-id = correlation id { $id }

## Batches and their phases. Scripts that read JSON have names of their own

phase-preflight = Preflight
phase-add-to-target = Add to target
phase-verify-added = Verify added
phase-remove-from-source = Remove from source
phase-verify-migrated = Verify migrated
phase-batch-complete = batch complete
phase-add-to-source = Add to source
phase-remove-from-target = Remove from target
phase-verify-rolled-back = Verify rolled back
phase-rollback-complete = rollback complete
phase-batch = batch { $number }
phase-batches = batches { $numbers } and { $last }
phase-of-users = users
phase-rollback = { $nth ->
    [1] rollback of { $batches }
    [2] 2nd rollback of { $batches }
    [3] 3rd rollback of { $batches }
   *[other] { $nth }th rollback of { $batches }
}
# The same in a narrow column.
phase-rollback-narrow = { $nth ->
    [1] rollback of { $batches }
    [2] 2nd back of { $batches }
    [3] 3rd back of { $batches }
   *[other] { $nth }th back of { $batches }
}
phase-complete-which = { $phase } ({ $batch })

phase-migration-complete = migration complete
phase-exceptions = { $count ->
    [one] , { $count } exception
   *[other] , { $count } exceptions
}

## Why a run is halted

halt-because = halted: { $why }
halt-operator = by the operator
halt-unlicensed = users are without a license
halt-too-many-stuck = { $count ->
    [one] { $count } user is or was stuck, more than { $most }
   *[other] { $count } users are or were stuck, more than { $most }
}
halt-still-stuck = { $count ->
    [one] { $count } user is stuck, more than { $most }
   *[other] { $count } users are stuck, more than { $most }
}
halt-stuck-now = { $count ->
    [one] { $count } user is stuck now
   *[other] { $count } users are stuck now
} · { $were ->
    [one] when it halted { $were } was or had been, more than { $most }
   *[other] when it halted { $were } were or had been, more than { $most }
}
halt-still-unlicensed = { $count ->
    [0] users were without a license, nobody is now
    [one] { $count } user is without a license
   *[other] { $count } users are without a license
}
halt-write = a write failed: { $fault }

## What a run waits for

alarm-is-over = { $count ->
    [one] alarm is over: { $count } user was without a license, nobody is now · nothing is written
   *[other] alarm is over: { $count } users were without a license, nobody is now · nothing is written
}
alarm-waits = { $count ->
    [one] alarm: { $count } user without a license · nothing is written
   *[other] alarm: { $count } users without a license · nothing is written
}
wait-approval-add = { $count ->
    [one] waiting for approval: add { $count } user to { $group }
   *[other] waiting for approval: add { $count } users to { $group }
}
wait-approval-remove = { $count ->
    [one] waiting for approval: remove { $count } user from { $group }
   *[other] waiting for approval: remove { $count } users from { $group }
}
wait-again-not-all-added = again, as not every addition was made
wait-again-taken-out = again, as somebody else took them out
wait-again-rest = { $count ->
    [one] the rest, as { $count } was removed already
   *[other] the rest, as { $count } were removed already
}
wait-again-put-back = again, as somebody else put them back
wait-mixed = { $count ->
    [one] mixed: { $conflict } in the expected conflict, { $count } holds both
   *[other] mixed: { $conflict } in the expected conflict, { $count } hold both
}
wait-processing = { $count } processing
wait-holding = { $count } still holding { $license }
wait-late = { $count } late
wait-stuck = { $count } stuck
wait-switching = { $count } switching over, without a license for now
wait-unlicensed = { $count } without a license
wait-went-back = { $count } went back
wait-rolled-back = { $count } rolled back
wait-excluded = { $count } excluded
wait-never-moved = { $count } never moved
wait-lost-part = { $count } lost a part
wait-migration-complete = { $complete }: { $count } migrated
wait-users = waiting: { $users } · { $next }
wait-next = { $count ->
    [0] nothing to approve yet
    [one] { $count } more follows, as approved
   *[other] { $count } more follow, as approved
}

## What the engine tells

refusal-checking = preflight is reading the tenant
refusal-on-its-way = what had left before the halt is still on its way: wait for its answer
notice-read-only = read-only: { $why }
notice-read-only-asked = opened with --read-only
notice-read-only-process = another skuferry, process { $process }, is at work between these two groups
notice-read-only-at-work = another skuferry is at work between these two groups
notice-read-only-lacks = the sign-in may only read: it lacks the permission { $permission }
notice-read-only-not-kept = nothing is kept in this sitting
notice-older-rules-places = this run began by older rules, which did not keep what the groups assigned and where users were: what is read now stands for it
notice-older-rules = this run began by older rules, which looked at one product of each group: users are judged by all of them from now on
notice-cannot-follow = the run beside cannot be followed any further: { $why }
notice-stopped = nothing more is written: { $why }. End with q, mend it, and resume the run.
notice-signed-in = signed in: the run goes on where it was
notice-not-signed-in = not signed in: { $why }
notice-not-reprocessed = the license was not reprocessed: { $fault }
notice-not-taken-off = the direct license was not taken off: { $fault }

## Why a run cannot be kept

error-journal-not-written = the journal cannot be written
error-journal-not-read = the journal cannot be read
error-illegal-turn = the run took a turn that it cannot take
error-read-only = this sitting is read-only
error-no-events = nothing was written down of the run
# $event is the event's name in the journal.
error-illegal = { $event } cannot happen { $place }
error-place-before-the-run = before the run began
error-place-twice-in-a-run = twice in a run
error-place-once-under-way = once a batch is under way
error-place-with-open-write = while a write of the batch is open
error-place-without-alarm = without an alarm
error-place-before-the-end = before every batch is complete
error-place-halted = while the run is halted
error-place-beside-another-approval = beside another approval of the batch
error-place-not-under-way = before or after a batch is under way
error-place-without-approval = without its approval
error-place-without-proof = without a proof since the last write was acknowledged
error-place-to-write = to a write that is { $state }
error-place-no-such-batch = in a batch that does not exist
error-place-batch-not-under-way = in a batch that is not under way
error-place-in-phase = in the phase { $phase }
error-place-not-in-run = to a user who is not in the run
error-place-not-in-batch = to a user who is not in the batch
error-place-to-nobody = to nobody
error-place-twice-to-a-user = twice to a user
error-place-now = now
error-write-not-begun = not begun
error-write-under-way = under way
error-write-done = done
error-write-failed = failed
error-write-unknown = of unknown outcome
