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
refusal-waits-its-turn = { $batch } waits its turn
refusal-canary-first = the canary of { $batch } goes first: it has not arrived yet
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
refusal-halted-again = the run was halted for another reason since: read that first
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
problem-sku-ambiguous = the tenant has the { word-end } SKU { $sku } more than once, { $ids }, and the group "{ $group }" does not tell which; give the skuId as sku
problem-no-subscription = the tenant has no subscription for the { word-end } SKU { $sku }
problem-not-for-users = the { word-end } SKU { $sku } is licensed by company, not by user
problem-no-group = the tenant has no { word-end } group { $group }
problem-not-assigned = the { word-end } group "{ $group }" does not assign { $product }
problem-dynamic = a rule decides who is in the { word-end } group "{ $group }"
problem-synced = the { word-end } group "{ $group }" is synced from on premises; its members change there
problem-mail-enabled = the { word-end } group "{ $group }" is mail-enabled; Graph does not write its members
problem-holds-roles = the { word-end } group "{ $group }" can hold directory roles; changing its members asks for RoleManagement.ReadWrite.Directory
problem-restricted = the { word-end } group "{ $group }" lies in a restricted administrative unit
problem-seats-short = { $short }; { seats-fit }
problem-unusable = the subscription of { $product } is { $status }: no seat of it can be used
problem-loses-products = "{ $group }" also assigns { $products }; users lose it with the group
problem-brings-products = "{ $group }" also assigns { $products }; if one product of a group fails for a user, none is assigned
problem-loses-service = users lose { $service }: "{ $group }" brings nothing in place of { $plans }; { $accepted ->
    [yes] accept_losses in the configuration allows it
   *[no] if that is meant, name "{ $word }" in accept_losses under [migration]
}
problem-plans-gone = "{ $group }" does not bring { $plans }
problem-plans-lower = "{ $group }" brings { $plans }
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
reason-source-in-state = { $product } from "{ $group }" is { $state }
reason-source-unnamed = { $product } is held, but Graph does not say where from
reason-source-not-from-group = { $product } does not come from "{ $group }"
reason-also-direct = { $product } is also assigned directly
reason-also-from-group = { $product } also comes from the group "{ $group }"
reason-held-already = { $product } is held already
reason-in-error-already = { $product } is in error already: { $word }
reason-not-found = line { $line }: the tenant has no user { $given }
reason-malformed = line { $line }: { $given } is neither a user principal name nor an object id
reason-duplicate = line { $line }: { $user } is already named on line { $first }
reason-excludes = { $by } excludes { $product }
reason-may-exclude = the plans of { $by } are not known, so it may exclude { $product }
reason-group-excludes-itself = "{ $group }" assigns both { $product } and { $by }, which exclude each other
reason-waits-from-group = { $by } waits from the group "{ $group }" and { reason-surely-excludes } { $product }: it may win when the source license goes
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
# Of what a rollback is.
phase-of-batch = batch { $number }
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
halt-also = { $why }; and also: { $also }
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
    [one] waiting for approval: add { $count } user to "{ $group }"
   *[other] waiting for approval: add { $count } users to "{ $group }"
}
wait-approval-remove = { $count ->
    [one] waiting for approval: remove { $count } user from "{ $group }"
   *[other] waiting for approval: remove { $count } users from "{ $group }"
}
wait-again-not-all-added = again, as not every addition was made
wait-again-taken-out = again, as somebody else took them out
wait-again-rest = { $count ->
    [one] { $count } was removed before
   *[other] { $count } were removed before
}
wait-again-put-back = again, as somebody else put them back
wait-more-approvals = { $count ->
    [one] { $count } more approval waits
   *[other] { $count } more approvals wait
}
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
error-place-before-first-canary = before the canary of the first batch has arrived
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

## Screen: words of several places

screen-excluded = excluded
screen-went-back = went back
screen-late = late
screen-alarm = alarm
screen-halted = halted
screen-read-only = read-only
# The screen of a rehearsal, on a copy of the tenant.
screen-rehearsal = rehearsal
screen-more-lines-down = { $count ->
    [one] { $count } line more: ↓
   *[other] { $count } lines more: ↓
}

## Screen: the answers of dialogs. What stands between backticks is a key, or has to be typed

dialog-type-number = type `{ $count }` and press `{ $key }`
dialog-key-leaves = `{ $key }` leaves
dialog-key-leaves-all = `{ $key }` leaves all as it is
# What y does; the key stands before it.
dialog-yes-approves = approves
dialog-yes-excludes = excludes
dialog-yes-quits = quits
dialog-yes-reprocesses = reprocesses
dialog-yes-plans-way-back = plans the way back
dialog-yes-acknowledges = acknowledges
dialog-yes-lifts-halt = lifts the halt

## Screen: the labels of facts in dialogs

dialog-then = then
dialog-way-back = way back
dialog-canary = canary
dialog-each-one = each one
dialog-group = group
dialog-batch = batch
dialog-seats = seats
dialog-standings = standings
dialog-left-out = left out
dialog-stands = stands
dialog-what-stays = what stays
dialog-users = users
dialog-writes = writes
dialog-later = later
dialog-what-it-does = what it does
dialog-it-helps = it helps
dialog-if-not = if not
dialog-license = license
dialog-no-way-back = no way back
dialog-the-way = the way
dialog-now = now
dialog-the-batch = the batch
dialog-or = or
dialog-unlicensed = unlicensed
dialog-in-between = in between

## Screen: approval dialogs

dialog-add = Add { count-users } to "{ $group }"?
dialog-add-brings-back = Nobody of them has a license now: { $new } comes back to them and takes a seat.
dialog-add-conflict = Everybody keeps { $old }. { $new } is expected to wait in conflict until { $old } is taken away.
dialog-add-back-conflict = Everybody keeps what they have. { $new } is expected to wait in conflict until { $old } is taken away.
dialog-add-beside = Everybody keeps { $old } and gets { $new } beside it; { $new } takes a seat at once.
dialog-add-back-beside = Everybody keeps what they have and gets { $new } beside it; { $new } takes a seat at once.
dialog-remove = Remove { count-users } from "{ $group }"?
# $arrived is the standing of who is done, such as migrated.
dialog-canary-first = { count-users } first; the rest once they are { $arrived }
dialog-each-one-read-twice = is read twice more first; who is not safe then stays
dialog-remove-switches = { $old } goes, and licensing puts { $new } in its place. Whoever shows neither meanwhile is waited for, { $grace } at most: nobody else is removed then, and after it all writing stops with an alarm.
dialog-remove-beside = { $old } goes; { $new } is active already and stays.
dialog-way-back-by-key = R takes a user or the batch back to { $old }, by the same steps
dialog-way-back-anew = getting { $old } again is a migration of its own
dialog-batch-of = { $number } of { $all }
dialog-seats-free = { $free } of { $product } free
dialog-seats-for = { $free } of { $product } free, for { count-users }
dialog-seats-for-at-most = { $free } of { $product } free, for at most { count-users }
dialog-seats-not-read = not read yet
# Behind the standings of the users, when all of them have the same one.
dialog-standings-found-ready = : preflight found them ready
dialog-standings-on-source = : hold { $old } and nothing of { $new }
dialog-left-out-why = { count-users }: { $why }
dialog-left-out-added = { $count } added already
dialog-left-out-blocked = { $count } blocked by preflight
dialog-left-out-excluded = { $count } excluded
dialog-left-out-in-group = { $count } in the group already
dialog-left-out-not-asked-for = { $count } not asked for
dialog-left-out-not-ready = { $count } not ready
dialog-left-out-not-safe = { $count } not safe to remove
dialog-left-out-removed = { $count } removed already
dialog-went-back-since = { count-users } went back since

## Screen: the users of a dialog

dialog-unlicensed-since = since { $start }, for { $length }
dialog-not-read-since = not read since
dialog-now-standing = now { $standing }
dialog-addition-open = addition open: the tenant is asked first
dialog-removal-open = removal open: the tenant is asked first
dialog-not-added = not added: { $fault }

## Screen: dialogs about stuck users

dialog-reprocess-title = Reprocess the license
dialog-reprocess = { $count ->
    [one] Reprocess the license of { $count } user?
   *[other] Reprocess the license of { $count } users?
}
dialog-reprocess-does = Licensing looks again at everything that groups give them. Nothing is taken away.
dialog-reprocess-helps = once the cause is mended: seats bought or freed, a usage location set, a conflict removed.
dialog-reprocess-refused = Graph may answer with one sentence on why not; the user's page shows it.
dialog-direct-title = Remove a direct license
dialog-direct = Take the direct { $old } off { count-users }?
dialog-direct-read-twice = is read twice more first; only who has { $new } from the group loses the direct { $old }
dialog-direct-no-way-back = skuferry gives no direct licenses: the admin center would have to give { $old } again.
dialog-roll-back-title = Roll back
dialog-roll-back = Roll back { count-users }, from "{ $to }" to "{ $from }"?
dialog-roll-back-way = add to "{ $from }", verify, remove from "{ $to }", verify: the same migration turned round
dialog-roll-back-now = This only plans it: nothing is written yet. Each step waits for its own approval.
dialog-roll-back-left-out = { $count ->
    [one] { $count } user stays: nothing was written for them, or they are on the way back
   *[other] { $count } users stay: nothing was written for them, or they are on the way back
}
dialog-roll-back-batch = They leave their batch for good; the rest of the run goes on once the rollback is complete.

## Screen: taking a user out, and leaving the program

dialog-exclude-title = Exclude a user
dialog-exclude = Exclude { $user } from the batch?
dialog-exclude-then = The batch goes on with the rest: it no longer waits for this user, and nothing more is written for them in this run.
dialog-exclude-then-or-back = The batch goes on with the rest: it no longer waits for this user, and nothing more is written for them in this run, unless R rolls them back.
dialog-stays-missing = Nothing is changed about the account, if it is there.
dialog-stays-in-both = They are in both "{ $from }" and "{ $to }", and stay in both.
dialog-stays-in-one = They stay in "{ $from }"; "{ $to }" is not touched.
dialog-stays-in-target = They have left "{ $from }" and remain in "{ $to }".
dialog-stays-added = They keep { $old } from "{ $from }" and remain in "{ $to }", to which they were added.
dialog-stays-with-old = They keep { $old } from "{ $from }"; "{ $to }" is not touched.
dialog-quit-title = Quit
dialog-quit-while-writing = Quit? Something is being written.
dialog-quit-in-phase = Quit? { $phase } is under way in { $batch }.
dialog-quit-done = { $done ->
    [one] { $done } of { count-users } is done with this phase; all stay where they are
   *[other] { $done } of { count-users } are done with this phase; all stay where they are
}
dialog-quit-in-flight = What was sent already is awaited and recorded; nothing more is written.
dialog-quit-simulated = The simulated tenant ends too: this run cannot be taken up again.

## Screen: the alarm, and the end of a halt

dialog-alarm = { count-users } without a license: neither { $old } nor { $new } is active.
dialog-alarm-others = { $count } had none for a while.
dialog-alarm-over = { $count ->
    [one] The alarm is over: { $count } user was without a license.
   *[other] The alarm is over: { $count } users were without a license.
}
dialog-alarm-over-since = { $count ->
    [one] The alarm is over since { $start }: { $count } user was without a license.
   *[other] The alarm is over since { $start }: { $count } users were without a license.
}
dialog-alarm-writes-nothing = Nothing is written, and acknowledging writes nothing either: the run stays halted until you lift the halt.
dialog-alarm-way-back = select the user (1), press R, lift the halt (a) and approve adding them to "{ $group }"
dialog-alarm-look-again = if only a seat was missing and is free now: lift the halt (a), then r has licensing look again
dialog-lift = Lift the halt, so that writing may go on?
dialog-lift-unlicensed = { count-users } without a license still: neither { $old } nor { $new }
dialog-open-adds = { count-users } whose addition to "{ $group }" nobody can answer for yet
dialog-open-removes = { count-users } whose removal from "{ $group }" nobody can answer for yet
dialog-in-both = { count-users } in both "{ $from }" and "{ $to }"
dialog-in-between-nobody = nobody
dialog-in-between-users = { count-users } in between
dialog-lift-then = What was approved before the halt is approved no more: it is asked again.

## Screen: the sign-in

dialog-sign-in-title = Sign in
dialog-sign-in-under-way = The sign-in is under way.

## Screen: the page of keys

help-title = Keys
help-back = `{ $key }` back · no bare key writes to the tenant
help-marks = Marks
help-mark-done = safe to remove, or migrated
help-mark-busy = licensing is working on the user
help-mark-next = ready
help-mark-warn = late, went back, or a warning
help-mark-bad = stuck, missing, or a write failed
help-mark-alarm = without a license
help-mark-blocked = blocked by preflight
help-mark-excluded = excluded by the operator

## Screen: the table of keys. The README has it too

# Groups of keys
help-mode-views = In the views
help-mode-always = Always, also inside a dialog
help-mode-yes-no = Where a dialog asks for yes or no
help-mode-number = Where a dialog asks for a number
help-mode-search = In the search line
help-mode-page = On the page of keys
help-mode-sign-in = On the sign-in page
# What keys do
key-approve = open the approval that is waiting (if none is, say why); for those who are safe, when some are not
key-inspect = inspect the user, or open the batch or the problem
key-back = back
key-poll = poll now; in preflight, check again
key-search = search the whole run: a name, an id or a cause
key-filter = next filter: all, waiting, ready, stuck, excluded, blocked, migrated
key-sort = next order: as listed, by name, trouble first, longest first, by batch, state or cause, latest change first
key-exclude = exclude the marked users, else the selected one, from their batches (asks)
key-reprocess = reprocess the licenses of the marked users, else of the selected user or batch (asks)
key-direct = remove direct licenses that stand in the way, of the marked users, else of the selected one (asks)
key-roll-back = roll back the marked users, else the selected user or batch (asks)
key-view-users = users
key-view-batches = batches
key-view-events = events
key-view-plan = plan
key-down = down
key-up = up
key-page-down = a page down
key-page-up = a page up
key-first = to the first row
key-last = to the last row
key-pause = pause or resume polling
key-slower = longer polling interval
key-faster = shorter polling interval
key-export = export the report of the run, in all its formats
key-copy = copy the user: name, standing, reasons; in the events the ids of requests that failed
key-sign-in = sign in again
key-theme = next theme: dark, light, ansi, none
key-quit = quit (asks while a phase is under way)
key-help = the keys of this view, then all others
key-halt = halt: nothing more is written
key-end = end in order, without asking
key-yes = yes
key-no = leave all as it is
key-type = the number of users shown
key-erase = take the last character back
key-submit = approve, if it is the number of users shown
key-search-type = a part of the name
key-search-submit = keep what was found
key-search-no = show all again
key-sign-in-copy = copy the address of the page
key-sign-in-no = give up the sign-in
# The same in a word or two, for the footer
key-hint-approve = approve
key-hint-inspect = inspect
key-hint-back = back
key-hint-poll = poll
key-hint-search = search
key-hint-filter = filter
key-hint-sort = sort
key-hint-exclude = exclude
key-hint-reprocess = reprocess
key-hint-pause = pause
key-hint-quit = quit
key-hint-help = help
key-hint-halt = halt
key-hint-yes = yes
key-hint-leave = leave
key-hint-keep = keep
key-hint-show-all = show all
key-hint-copy-the-address = copy the address
key-hint-give-up = give up
# The names of keys
key-name-space = Space
key-name-page-down = PgDn
key-name-page-up = PgUp
key-name-up = Up
key-name-down = Down
key-name-ctrl = Ctrl-{ $key }
# Any text that is typed
key-name-text = text
key-hint-open = open
# What can be asked for about a user; the key stands before it.
key-offer-direct = remove the direct license
key-offer-roll-back = roll back

## Screen: lengths of time

# In a column, as short as they go.
screen-brief-seconds = { $seconds }s
screen-brief-minutes-seconds = { $minutes }m { $seconds }s
screen-brief-minutes = { $minutes }m
screen-brief-hours-minutes = { $hours }h { $minutes }m
screen-brief-hours = { $hours }h
screen-brief-days-hours = { $days }d { $hours }h
screen-brief-days = { $days }d
# In a sentence.
screen-seconds = { $seconds } s
screen-minutes-seconds = { $minutes } min { $seconds } s
screen-minutes = { $minutes } min
screen-hours = { $hours } h
screen-hours-minutes = { $hours } h { $minutes } min

## Screen: scenarios

word-conflicting = conflicting
word-non-conflicting = non-conflicting

## Screen: frames and lists

screen-too-small = { $size } is too small: skuferry needs { $needed }.
screen-too-small-halts = H halts. Nothing is approved here.
screen-rows = { $first }-{ $last } of { $all }
screen-more-lines-by-key = { $count ->
    [one] { $count } line more: j ↓
   *[other] { $count } lines more: j ↓
}
screen-more-lines-by-enter = { $count ->
    [one] { $count } line more: Enter, j ↓
   *[other] { $count } lines more: Enter, j ↓
}
screen-more-lines-too-low = { $count ->
    [one] { $count } line more: the terminal is too low
   *[other] { $count } lines more: the terminal is too low
}

## Screen: the first lines

screen-rollback = rollback
screen-signed-out = signed out
screen-connecting = connecting
screen-connected = connected
screen-no-answer = no answer { $length }
screen-batch-of = Batch { $number } of { $all }

## Screen: the line of progress

# Behind how many of how many users.
screen-progress-added = added
screen-progress-safe = safe to remove
screen-progress-removed = removed
screen-progress-migrated = migrated
screen-progress-rolled-back = rolled back
screen-progress-ready = { $count } ready
screen-progress-seats = seats { $free } free
screen-progress-seats-of = { $product } seats { $free } free
screen-doing-checking = checking everything
screen-doing-reading = reading now
screen-doing-adding = adding
screen-doing-last-look = last look
screen-doing-removing = removing
screen-doing-reprocessing = reprocessing
screen-doing-direct = removing a direct license
screen-doing-canary = canary first
screen-doing-seats = seats first
screen-doing-disk = waiting for the disk
screen-doing-reading-back = reading back
screen-doing-holding = Graph asks to wait { $length }
screen-polling-paused = polling paused
screen-next-poll-due = next poll due
screen-next-poll = next poll { $length }

## Screen: the last lines

screen-ending = ending: what was sent already is awaited and recorded, nothing more is written
screen-no-answer-for = no answer for { $length }
screen-paused-resumes = polling is paused, P resumes
screen-signed-out-press = signed out: nothing is read or written until somebody signs in · press L
screen-sign-in-under-way = a sign-in is under way
screen-read-only-no-approval = read-only: nothing can be approved here
screen-press-approve = press a
screen-press-alarm = press a to see who
screen-press-halt = press a to go on
screen-press-stuck = Enter inspects, r reprocesses, x excludes
screen-press-failed = Enter inspects, x excludes
screen-fault-no-answer = no answer: { $fault }
screen-fault-read-failed = a read failed: { $fault }
screen-search-hint = searches the whole run: name, id, cause

## Screen: what keys and the engine are answered with

screen-report-written = the report is in { $folder }
screen-report-not-written = the report was not written: { $why }
screen-report-under-way = the report is being written already
screen-report-begun = writing the report
screen-nothing-kept = nothing is kept in this sitting
screen-polling-paused-resumes = polling is paused: P resumes it
screen-polling-every = polling every { $length }
screen-polling-every-later = polling every { $length }, once P resumes it
screen-polling-once = polling once: it stays paused
screen-nothing-to-halt = nothing is written here, so there is nothing to halt: { $why }
screen-halting = halt: nothing more is written; what was sent already is awaited and recorded
screen-pasted = pasted text is no answer: type it
screen-question-waits = a question waits: press a to read it
screen-nothing-approved = nothing was approved: all stays as it is
screen-wrong-number = { $typed } is not { $count }: nothing was approved
screen-no-user-selected = no user is selected
screen-select-first = select a user (1) or a batch (2) first
screen-exclude-nobody = this line names nobody: there is nobody to exclude
screen-exclude-where = select the user in the view of users (1), then press x
screen-reprocess-nobody = nobody in { $batch } is stuck or late: select one user (1) to reprocess all the same
screen-no-color = NO_COLOR is set: the theme stays none
screen-theme = theme: { $theme }
screen-not-copied = not copied: { $why }
screen-copied-user = copied: { $user }, standing and reasons
# What is copied of a user.
screen-copy-graph-says = Graph says: { $said }
screen-copy-adding = adding
screen-copy-removing = removing
screen-copy-reprocessing = reprocessing
screen-copy-direct = removing the direct license

## Screen: the page of a sign-in

screen-sign-in-title = skuferry · sign in
screen-sign-in-opened = A browser was opened: sign in there, then come back here. Where none shows, open this address:
screen-sign-in-open = No browser could be opened from here. Open this address in a browser of this machine:
screen-sign-in-over-ssh = Over ssh the browser is on another machine and comes back to a port there. Connect with ssh -L { $port }:localhost:{ $port } to lead that here, or set method = "device-code".
screen-sign-in-enter-code = Open this page in any browser, on any machine, and enter the code:
screen-sign-in-code = code
screen-sign-in-time-left = time left
screen-sign-in-expired = none: it has expired
screen-sign-in-careful = Enter it only on Microsoft's own page, and only because you asked for it here.
screen-signing-in = signing in
screen-copied-address = copied: the address to sign in at
screen-sign-in-given-up = the sign-in was given up: L begins it anew
screen-no-terminal = the output is not a terminal: start skuferry in one, or use check or status

## Screen: the titles of columns

view-column-user = USER
view-column-state = STATE
view-column-batch = BATCH
view-column-users = USERS
view-column-phase = PHASE
view-column-migrated = MIGRATED
view-column-done = DONE
view-column-excluded = EXCLUDED
view-column-blocked = BLOCKED
view-column-stuck = STUCK

## Screen: the view of users

view-users-of = Users of { $batch }
view-users-search = /{ $search } in the whole run
view-filter-all = all
view-filter-waiting = waiting
view-filter-stuck = stuck
view-filter-blocked = blocked
view-filter-migrated = migrated
view-filter-migrated-or-back = migrated or back
view-sort-list = as listed
view-sort-name = by name
view-sort-trouble = trouble first
view-sort-longest = longest first
view-users-preflight = Preflight is reading the tenant: nothing is written.
view-users-not-found = No name, id or cause in the whole run has { $search }.
view-users-not-found-filtered = No name, id or cause in the whole run has { $search } and fits the filter (f).
view-users-nobody-listed = The list names nobody.
view-users-nobody-waiting = Nobody is waiting.
view-users-nobody-stuck = Nobody is stuck or late.
view-users-nobody-blocked = Nobody is blocked.
view-users-nobody-arrived = Nobody has arrived yet.
view-preflight = { $count ->
    [one] Preflight: { $ready } ready in { $count } batch
   *[other] Preflight: { $ready } ready in { $count } batches
}
view-preflight-of = Preflight of { $batch }: { $ready } ready
view-preflight-seats = { $free ->
    [one] { $free } seat free, { $needed } needed
   *[other] { $free } seats free, { $needed } needed
}
view-preflight-seats-of = { $free ->
    [one] { $free } { $product } seat free, { $needed } needed
   *[other] { $free } { $product } seats free, { $needed } needed
}
view-blocked = { $count } blocked
# $count is how many other problems there are.
view-problem-by-key = { $count ->
    [0] { $problem } · 4 shows all
   *[other] { $problem } (and { $count } more) · 4 shows all
}
view-warning = warning: { $what }
view-check-blocked = blocked
view-check-ready = ready
# Behind the name of an account that is disabled.
view-disabled = { $user } (disabled)
# How far somebody is of whom nothing was read yet.
view-state-not-added = not added
view-state-blocked = blocked
view-state-being-added = being added
view-state-removed = removed
view-state-turned-back = turned back
view-state-added = added
view-state-not-added-yet = not added yet
# What is seen of a license, in a narrow column.
view-seen-direct = direct
# What went wrong with a write, in a narrow column.
view-write-unknown = unknown
view-write-failed = failed
view-write-not-safe = not safe

## Screen: the view of batches

view-batches-title = Batches · { $count }
view-batches-rollbacks = { $count ->
    [one] { $count } rollback
   *[other] { $count } rollbacks
}
view-batches-none = No batch: nobody is ready.
view-batches-later = Batches are made once preflight has looked at everybody.
view-batch-interrupted = interrupted
view-batch-waits = waits its turn
view-batch-unlicensed = { $count } unlicensed

## Screen: the view of events

view-events-title = Events · { $count }
view-events-newer = { $count } newer: G ↓
view-events-refused = refused: { $why }

## Screen: the view of the plan

view-plan-title = Plan · { $name }
view-plan-preflight = Preflight is reading the tenant: what it finds will stand here.
view-plan-from-and-to = from and to
view-plan-from = from
view-plan-to = to
view-plan-by-group = by group
view-plan-sku = sku { $id }
view-plan-id = id { $id }
view-plan-rollback = { $batch } is under way: from "{ $from }" to "{ $to }"
view-plan-no-problem = nothing was found against the plan as a whole
view-plan-scenario = scenario
view-plan-scenario-predicted = { $scenario }, predicted from the service plans
view-plan-scenario-set = { $scenario }, set by the configuration
view-plan-conflicting = the target is expected to wait in conflict until the source is taken away
view-plan-non-conflicting = both licenses can be active at once
view-plan-predicted = the service plans predict { $scenario }
view-plan-excludes = { $by } excludes { $plan }
view-plan-seats = seats
view-plan-seats-now = { $free } free now
view-plan-seats-now-of = of { $product }: { $free } free now
view-plan-seats-before = before the batch: { $available } available, { $needed } needed
view-plan-seats-needed = { $available } available, { $needed } needed
view-plan-seats-of-product = of { $product }: { $available } available, { $needed } needed
view-plan-seats-short = { $seats }: { $count } too few
view-plan-product-seats = { $product }: { $available } available, { $needed } needed
view-plan-users = users
view-plan-listed = { $count } listed
view-plan-ready-in = { $count ->
    [one] { $ready } ready in { $count } batch
   *[other] { $ready } ready in { $count } batches
}
view-plan-blocked-for = { $count ->
    [one] { $blocked } blocked, for { $count } reason
   *[other] { $blocked } blocked, for { $count } reasons
}
view-plan-blocked = blocked
view-plan-none = none
view-plan-changes = what changes for a user
view-plan-services = services
view-plan-not-compared = not compared in this run's journal
view-plan-instead = { $to } instead of { $from }
view-plan-replaced = replaced
view-plan-kept = { $count ->
    [one] { $count } service plan, by the same or a higher plan
   *[other] { $count } service plans, by the same or a higher plan
}
view-plan-lost = lost
view-plan-loses-nothing = nothing: no service is gone or lower
view-plan-lower = lower
view-plan-gone = gone
view-plan-new = new
view-plan-also-lost = also lost
view-plan-settings = settings
view-plan-batches = batches
view-plan-batches-of = of { count-users }
view-plan-canary-first = { $count } removed first; the rest once they are migrated
view-plan-stuck = stuck
view-plan-stuck-limit = halts at more than { $most } in the run
view-plan-polling = polling
view-plan-every = every { $length }
view-plan-every-now = every { $length } (configured: { $configured })
view-plan-paused = paused; { $polling }
# $form is a form of request, as Microsoft Graph has it; $units is fact-pass-units.
view-plan-last-pass = { $count ->
    [one] the last pass asked by { $form }: { $count } request, { $units }
   *[other] the last pass asked by { $form }: { $count } requests, { $units }
}
view-plan-pass-choice = why: of the forms that this tenant answers it takes the fewest requests
view-plan-late-after = late after
view-plan-grace = grace
view-plan-grace-length = { $length } without a license before it is an alarm
view-plan-run = run
view-plan-tenant = tenant
view-plan-signed-in = signed in
view-plan-started = started
view-label-id = id
view-label-name = name
view-label-from = from

## Screen: the page of a user

view-user-none = no user
view-user-preflight = preflight
view-user-history = history
view-user-listed = listed
view-user-from-source-group = the source group: { $given }
view-user-from-line = line { $line }: { $given }
view-user-taken-out = Taken out by the operator: keeps what they have.
view-user-taken-out-of = Taken out by the operator: keeps what they have and the membership in "{ $group }".
view-user-not-moved = Not moved, and nothing is written for this user.
view-user-check-again = Mend what preflight found, then check again with p.
view-user-unlicensed-for = Without a license for { $length } in this run.
view-user-not-added = Not added: { $fault }
view-user-perhaps-added = Perhaps added; the tenant is asked before anything is written again: { $fault }
view-user-not-removed = Not removed: { $fault }
view-user-perhaps-removed = Perhaps removed; the tenant is asked before anything is written again: { $fault }
view-user-licenses = licenses
view-user-neither = neither { $old } nor { $new }
view-user-from-group = group { $group }
# $license is where a license comes from, its state and its error.
view-user-expected = { $license } (expected)
view-user-no-source-named = assigned, and no source is named
view-user-other-products = other products
view-user-account = account
view-user-disabled = disabled; its licenses move all the same
view-user-location = location
view-user-no-location = no usage location is set
view-graph-says = Graph says
view-graph-says-expected = the conflict is the expected one, and nothing is wrong: { $said }
view-label-reprocess = reprocess
view-label-direct = direct { $product }
view-keys-now = keys now
view-keys-after-halt = after H, a
# $at is a time of day.
view-tried-not-answered = { $at } asked for, not answered yet
view-tried-reprocessed = { $at } licensing looks again
view-tried-taken-off = { $at } taken off
view-tried-expected = { $at } looked at again: the conflict is the expected one
view-tried-refused = { $at } refused: Graph says why, above
view-tried-not-done = { $at } not done: { $fault }
view-tried-perhaps-reprocessed = { $at } perhaps licensing looks again; it may be asked for again: { $fault }
view-tried-perhaps-taken-off = { $at } perhaps taken off; it may be asked for again: { $fault }

## Screen: what a standing means, and what to do about it

advice-left = Left "{ $group }"; not read since.
advice-way-back-added = On the way back; in "{ $group }", and not read since.
advice-way-back = On the way back: "{ $group }" is next; not read since.
advice-added = Added to "{ $group }"; not read since.
advice-ready = Ready: nothing was found against moving this user.
advice-late = Late: longer than { $length }. Look at the group's license errors in Entra, wait on, or exclude the user (x).
advice-or-roll-back = { $action } Or roll the user back to { $old } (R).
advice-approve-adding = Approve adding the user to "{ $group }" (a): that brings { $new } back.
advice-other-group = { $meaning } It is "{ $group }".
advice-assigned-by = { $meaning } It is assigned by "{ $group }".
advice-not-acted-on = Was added to "{ $to }"; licensing has not acted on it yet. That takes minutes, sometimes hours.
advice-holds-old = Holds { $old } and nothing of { $new }.
advice-ready-on-source = Ready: holds { $old } from "{ $from }" and nothing of { $new }.
advice-left-both-active = Left "{ $from }"; licensing has not taken { $old } away yet. { $new } is active.
advice-both-active = { $old } and { $new } are both active: safe to remove from "{ $from }".
advice-left-in-conflict = Left "{ $from }"; licensing has not taken { $old } away yet, so { $new } still waits in conflict.
advice-in-conflict = { $new } waits in conflict with { $old }, as expected: taking { $old } away frees it. Safe to remove from "{ $from }".
advice-back-to-leave = { $new } is active from "{ $to }" and { $old } comes from nowhere; leaving "{ $from }" is still to come.
advice-migrated = { $new } is active from "{ $to }" and { $old } is gone. Done.

## Screen: what happened, in the view of events

event-run-started = { $by } started the run { $name }
event-resumed = { $by } took the run up again; approvals are asked anew
event-session = skuferry { $version }, signed in by { $method }
event-session-on = skuferry { $version } on { $host }, signed in by { $method }
event-preflight = preflight: { $ready } ready, { $blocked } blocked
event-batch-checked = { $batch } was checked: { count-users } blocked
event-with-problem = { $what }; { $problem }
event-add-approved = { $batch }: { $by } approved adding { count-users } to "{ $group }"
event-adding = adding { $who } to "{ $group }"
event-added = added to "{ $group }": { $who }
event-not-added = not added to "{ $group }": { $who }: { $fault }
event-perhaps-added = perhaps added to "{ $group }", the tenant will be asked: { $who }: { $fault }
event-found-in = read back: { $who } is in "{ $group }"
event-found-not-in = read back: { $who } is not in "{ $group }"
event-adds-acknowledged = { $batch }: every addition is acknowledged
event-remove-approved = { $batch }: { $by } approved removing { count-users } from "{ $group }"
event-proven = two fresh reads show { $who } safe to remove
event-not-proven = { $who } is not removed: { $why }
event-removing = removing { $who } from "{ $group }"
event-removed = removed from "{ $group }": { $who }
event-not-removed = not removed from "{ $group }": { $who }: { $fault }
event-perhaps-removed = perhaps removed from "{ $group }", the tenant will be asked: { $who }: { $fault }
event-found-left = read back: { $who } has left "{ $group }"
event-found-not-left = read back: { $who } is still in "{ $group }"
event-removes-acknowledged = { $batch }: every removal is acknowledged
# $what is one user and their standing, or counts of standings.
event-seen = seen: { $what }
event-read-failed = reading { $what } failed: { $fault }
event-delayed = { $what } waits and is tried again: { $fault }
event-groups-wrong = nothing more is written: { $problem }
event-groups-right = both groups are as they should be again
event-batches-under-way = { $count ->
    [one] { $by } lets { $count } batch be under way at once
   *[other] { $by } lets { $count } batches be under way at once
}
event-excluded = { $by } excluded { $user }
event-reprocess-approved = { $by } approved reprocessing the license of { $who }
event-reprocessing = reprocessing the license of { $who }
event-reprocess-expected = licensing looked again at { $who }: the conflict is the expected one
event-reprocessed = licensing looks again at { $who }
event-not-reprocessed = licensing says no to { $who }: { $fault }
event-perhaps-reprocessed = perhaps licensing looks again at { $who }: { $fault }
event-direct-approved = { $by } approved taking the direct { $product } off { $who }
event-taking-direct = taking the direct { $product } off { $who }
event-direct-taken = the direct license was taken off { $who }
event-direct-not-taken = the direct license was not taken off { $who }: { $fault }
event-direct-perhaps-taken = perhaps the direct license was taken off { $who }: { $fault }
event-explained = { $who }: the audit log says: { $why }
event-taken-out = somebody else took { $who } out of "{ $group }"
event-put-back = somebody else put { $who } back into "{ $group }"
event-rollback-started = { $by } takes { $who } back from "{ $from }" to "{ $to }"
event-halted = halted: { $why }
event-halt-lifted = { $by } lifted the halt
event-alarm = alarm: { $who } without a license
event-alarm-acknowledged = { $by } acknowledged the alarm
event-two-users = { $one } and { $other }

## What keeps a user from the target, and what an administrator can do about it

# After Microsoft Learn, "Identify and resolve license assignment problems for a group", and the notes of group-based
# licensing: an error is not tried again by itself when seats are bought, a dependency is met or an address is freed.
# $old and $new are the licenses that the user leaves and gets on their way, $from and $to are their groups.
# A letter in brackets is the key that does it: r reprocess, R roll back, x exclude, d remove a direct license, p poll.
remedy-error-count-violation = No seat of one of the group's products is free for this user.
remedy-error-count-violation-action = Buy seats or take them from users who need them no more, then reprocess the license (r): free seats alone do not start it.
remedy-error-mutually-exclusive-violation = A service of this product cannot stand beside a service that the user has through another product.
remedy-error-mutually-exclusive-violation-action = Find that other product: if it is { $old } itself, run with scenario = "conflicting"; else take it from the user or switch one of the two services off, then reprocess the license (r).
remedy-error-dependency-violation = A service that another product of the user needs is missing, or would go with this change.
remedy-error-dependency-violation-action = Provide that service through another product of the user, or switch off what needs it, then reprocess the license (r).
remedy-error-prohibited-in-usage-location-violation = A service of this product is not offered in the country that is set as the user's usage location.
remedy-error-prohibited-in-usage-location-violation-action = Correct the usage location if it is wrong and reprocess the license (r), or exclude the user (x).
remedy-error-uniqueness-violation = The mail address that the user would get with the license belongs to somebody or something else already.
remedy-error-uniqueness-violation-action = Find the recipient with the same address in Exchange, change one of the two, then reprocess the license (r).
remedy-error-other = Usually another product of the same group failed for this user, and a group assigns all of its products or none.
remedy-error-other-action = Look at the user's other licenses from this group for the error behind it, mend that one, then reprocess the license (r).
remedy-unknown-error = Graph gives a reason that skuferry does not know, so nothing is assumed about it.
remedy-unknown-error-action = Look the word up in the user's license details and the audit log of Microsoft Entra, mend the cause, then reprocess the license (r).
remedy-unknown-state = Graph shows { $new } in a state that is no assignment and names no error.
remedy-unknown-state-action = Poll again (p); if it stays, reprocess the license (r), and look at the audit log of Microsoft Entra.
remedy-trouble-target-elsewhere = The user has { $new }, but not from "{ $to }".
remedy-trouble-target-elsewhere-action = Find out who assigns it, directly or by another group; end that assignment once "{ $to }" assigns it too, or exclude the user (x).
remedy-trouble-source-elsewhere = { $old } does not come from "{ $from }" any more, but directly or from another group.
remedy-trouble-source-elsewhere-action = Find out who moved the user: put them back into "{ $from }", or exclude them (x) and move them with that other group.
remedy-trouble-unexplained = The user has a license of which Graph does not say where it comes from.
remedy-trouble-unexplained-action = Poll again (p), as the details may lag behind; if it stays, reprocess the license (r) and compare with the admin center.
remedy-end-state-excluded = Without "{ $from }" the user would still have a product that excludes one of "{ $to }", so that "{ $to }" would give nothing.
remedy-end-state-excluded-action = Take that product from the user, or switch one of the two services off, then poll again (p); or exclude the user (x).
remedy-end-state-excluded-by-waiting = A product that waits in error for this user excludes one of "{ $to }". It is tried again when { $old } goes, and may win: then "{ $to }" gives nothing.
remedy-end-state-excluded-by-waiting-action = Take the user out of the group that assigns it, or end that assignment, then poll again (p); or exclude the user (x).
remedy-end-state-excluded-by-companion = Two products of "{ $to }" exclude each other, and a group gives all of its products or none.
remedy-end-state-excluded-by-companion-action = Switch one of the two services off in "{ $to }", or take one of the two products off it, then reprocess the license (r).
remedy-end-state-unexplained = A product of "{ $to }" waits in a conflict, and nothing that is known of { $old } explains it; another product of the user may be behind it.
remedy-end-state-unexplained-action = Look in the audit log of Microsoft Entra which two services exclude each other; leave "{ $from }" only if one of them is of { $old }.
remedy-end-state-needs = A service that the user would have needs another one, which nothing would bring any more.
remedy-end-state-needs-action = Provide that service through "{ $to }" or another product, or switch off what needs it, then poll again (p).
remedy-end-state-no-seat = No seat is free of a product that "{ $to }" assigns, and a group gives all of its products or none.
remedy-end-state-no-seat-action = Buy seats or free some, then poll again (p): nobody leaves "{ $from }" before.
remedy-end-state-unknown-plans = The services of a product that "{ $to }" assigns cannot be read, so nothing is known of what they exclude.
remedy-end-state-unknown-plans-action = See that the product's subscription is there, then poll again (p); or exclude the user (x).
remedy-end-state-fails-elsewhere = A license of the user fails already for a reason that will meet "{ $to }" as well, such as a mail address that is taken.
remedy-end-state-fails-elsewhere-action = Mend that error first and reprocess the license (r), or exclude the user (x).
remedy-end-state-not-usable = The subscription of a product that "{ $to }" assigns is suspended, deleted or locked out, so that the product is of no use.
remedy-end-state-not-usable-action = Renew the subscription, then poll again (p): nobody leaves "{ $from }" before; or exclude the user (x).
remedy-end-state-no-longer-assigned = "{ $to }" no longer assigns a product that it assigned at preflight, so the user would not get what was planned.
remedy-end-state-no-longer-assigned-action = Let "{ $to }" assign it again, then poll again (p). If the change is meant, roll the users back (R) and begin a new run.
remedy-end-state-loses-service = A service that the user works with would be lost: neither "{ $to }" nor another product of the user brings it any more.
remedy-end-state-loses-service-action = Switch it on in "{ $to }", then poll again (p). If the loss is meant, name it in accept_losses and resume the run.
remedy-end-state-location-changed = The user's usage location is another than at preflight. Whether { $new } is offered there shows only once { $old } is gone.
remedy-end-state-location-changed-action = Set the usage location back, then poll again (p); or exclude the user (x).
remedy-end-state-unknown = What the user would hold without "{ $from }" is not good enough.
remedy-end-state-unknown-action = Look at the user's licenses, mend what is in error, then poll again (p).
remedy-holder-not-processed = The user has left "{ $from }", and the service has not taken { $old } away yet.
remedy-holder-not-processed-action = Wait; when it takes far longer than for the others, reprocess the license (r).
remedy-holder-dependency = { $old } stays behind because another product of the user needs one of its services.
remedy-holder-dependency-action = Provide that service through another product or switch off what needs it, then reprocess the license (r).
remedy-holder-direct = { $old } is also assigned to the user directly.
remedy-holder-direct-action = Remove the direct license (d); { $new } stays.
remedy-holder-group = Another group assigns { $old } to the user as well.
remedy-holder-group-action = Take the user out of that group, or the license off it, after looking at who else needs it.
remedy-holder-unnamed = The user still shows { $old }, and Graph does not say where it comes from.
remedy-holder-unnamed-action = Poll again (p), as the details may lag behind; if it stays, reprocess the license (r).
remedy-lost-part = The user has { $new }, and something that they were to get or to keep is gone.
remedy-lost-part-action = Look at the user's licenses for what is in error or missing, mend it, then reprocess the license (r).
remedy-unlicensed = The user has neither { $old } nor { $new } and cannot work.
remedy-unlicensed-action = Check that the user is in "{ $to }" and that a seat is free, then reprocess the license (r).
remedy-missing = The user was deleted, or Graph does not find them.
remedy-missing-action = If that is wrong, restore the account and poll again (p); if it is right, exclude the user (x).

## The report: what the run did

# The first line, and how the journal ends behind it.
# The first line of a rehearsal's report; $state is the sentence that stands there otherwise.
report-rehearsal = REHEARSAL on a copy of the tenant, nothing happened to anybody. { $state }
report-not-begun = The run has not begun
report-complete = The run is complete
report-under-way = The run is under way: this report tells of it so far
report-under-way-halted = The run is under way and halted: { $why }
report-halted = The run is halted: { $why }
report-halted-unrecorded = The run is halted: no reason is recorded
report-stopped = The run was stopped and is not complete
report-journal-cut = { $count ->
    [one] { $state }; the journal is cut short: it ends after { $count } record, in the middle of the next
   *[other] { $state }; the journal is cut short: it ends after { $count } records, in the middle of the next
}
report-journal-damaged = { $state }; the journal ends before line { $line }, which cannot be used: { $why }
report-not-recorded = not recorded
report-newer-format = it was written by a newer version of skuferry (format { $version })
# $unlicensed is a length, as in report-seconds.
report-summary = { $done } of { $of } migrated, { $unlicensed } without a license
report-summary-back = { $done } of { $of } migrated, { $back } rolled back, { $unlicensed } without a license
# $shown is the count with its thousands apart.
report-seconds = { $count ->
    [one] { $shown } second
   *[other] { $shown } seconds
}

## The report: sums and settings

report-card-listed = Listed
report-card-in-batches = In batches
report-card-migrated = Migrated
report-card-rolled-back = Rolled back
report-card-added = Added by this run
report-card-removed = Removed by this run
report-card-excluded = Excluded
report-card-blocked = Blocked
report-card-stuck = Stuck
report-card-unlicensed = Without a license now
report-card-ever-unlicensed = Ever without a license
report-card-seconds-unlicensed = Seconds without a license
report-card-unknown-outcome = Writes of unknown outcome
report-card-failed-requests = Failed requests
report-setting-scenario = Scenario
report-setting-batch-size = Batch size
report-setting-canary = Canary
report-setting-max-stuck = Stuck users that it bears
report-setting-interval = Polling interval
report-setting-late-after = Late after
report-setting-grace = Grace without a license
report-plans-gone = Service plans that are gone
report-plans-lower = Of a lower rank
report-plans-new = New
report-plans-replaced = Replaced by the same or a higher rank
report-plans-also-lost = Other products that leave with the source group

## The report: cells of its tables

report-note-had = had { $products }
report-note-has = has { $products }
report-note-back-since = back since { $time }
report-warning = warning: { $what }
report-excluded = excluded by the operator
report-not-removed = not removed: { $why }
report-not-seen = not seen yet
report-canary-none = none yet
report-canary-arrived = { count-users } from { $removed }, arrived { $arrived }
report-canary-under-way = { count-users } from { $removed }, not all arrived
report-screen-group = group “{ $group }”
report-free-seats = { $count ->
    [one] { $count } free seat
   *[other] { $count } free seats
}
report-left-out = { $count } left out
report-and-more = and { $count } more
report-change = { $family } ({ $from } to { $to })

## The report: what happened, each in a sentence

report-told-started = the run { $run } began
report-told-rehearsal = the run { $run } began: a rehearsal on a copy of the tenant
report-told-resumed = the run was taken up again; approvals are asked anew
report-told-session = skuferry { $version }, signed in by { $method }
report-told-session-on = skuferry { $version } on { $host }, signed in by { $method }
report-told-session-as = skuferry { $version }, signed in by { $method } as { $account }
report-told-session-on-as = skuferry { $version } on { $host }, signed in by { $method } as { $account }
report-told-preflight = preflight: { $ready } ready, { $blocked } blocked
report-told-batch-checked = the batch was checked: { count-users } blocked
report-told-adds-acknowledged = every addition is acknowledged
report-told-removes-acknowledged = every removal is acknowledged
report-told-proven = two fresh reads show { count-users } safe to remove
# $what is one standing, or counts of standings.
report-told-seen = seen: { $what }
report-told-read-failed = reading { $what } failed: { $fault }
report-told-delayed = { $what } waits and is tried again: { $fault }
report-told-groups-right = both groups are as they should be again
report-told-groups-wrong = nothing more is written
report-told-excluded = taken out of the batch
report-told-explained = the audit log says: { $why }
report-told-rollback = { $count ->
    [one] { $count } user is to be taken back
   *[other] { $count } users are to be taken back
}
report-told-halted = halted: { $why }
report-told-halt-lifted = the halt was lifted
report-told-alarm = alarm: { count-users } without a license
report-told-alarm-acknowledged = the alarm was acknowledged
report-told-batch-complete = batch complete
report-told-migration-complete = migration complete
# $kind is the kind of a write: add, remove, reprocess or remove-direct.
report-told-approved = { $kind ->
    [add] approved adding { count-users }
    [remove] approved removing { count-users }
    [reprocess] approved reprocessing { count-users }
   *[other] approved removing the direct license of { count-users }
}
report-told-approved-in = { $approved } in { $group }
report-told-intended = { $kind ->
    [add] adding { count-users }
    [remove] removing { count-users }
    [reprocess] reprocessing { count-users }
   *[other] removing the direct license of { count-users }
}
report-told-done = { $kind ->
    [add] { count-users } added
    [remove] { count-users } removed
    [reprocess] { count-users } reprocessed
   *[other] { count-users } rid of the direct license
}
report-told-not-done = { $kind ->
    [add] { count-users } not added: { $fault }
    [remove] { count-users } not removed: { $fault }
    [reprocess] { count-users } not reprocessed: { $fault }
   *[other] { count-users } not rid of the direct license: { $fault }
}
report-told-perhaps-done = { $kind ->
    [add] { count-users } perhaps added: { $fault }
    [remove] { count-users } perhaps removed: { $fault }
    [reprocess] { count-users } perhaps reprocessed: { $fault }
   *[other] { count-users } perhaps rid of the direct license: { $fault }
}
report-told-in-effect = { $kind ->
    [add] read back: added
    [remove] read back: removed
    [reprocess] read back: reprocessed
   *[other] read back: rid of the direct license
}
report-told-not-in-effect = { $kind ->
    [add] read back: not added
    [remove] read back: not removed
    [reprocess] read back: not reprocessed
   *[other] read back: not rid of the direct license
}
report-told-taken-out = somebody else took them out of the group again
report-told-put-back = somebody else put them back into the group

## The report: its pictures

report-chart-progress = Progress over time
report-chart-progress-end = { $added } added, { $removed } removed, { $migrated } migrated at the end
report-chart-added = added
report-chart-removed = removed
report-chart-migrated = migrated
report-chart-latencies = How long licensing took
report-chart-over = over { $length }
report-chart-to-ready = from added to ready
report-chart-to-migrated = from removed to migrated
report-chart-latency = { $name }: half within { $middle }, 95 % within { $slow }, the last after { $last }
report-chart-nobody = { $name }: nobody yet
report-chart-batches = Batches over time
report-chart-batch-rows = { $count ->
    [one] { $count } batch, one below the other
   *[other] { $count } batches, one below the other
}
report-chart-phase = batch { $batch }: { $phase }, { $length }
report-chart-add = Add to target
report-chart-verify-added = Verify added
report-chart-remove = Remove from source
report-chart-verify-migrated = Verify migrated
report-chart-nothing = { $title }: nothing yet
report-chart-nothing-written = nothing was written yet

## The report: its page

report-run-not-begun = a run that has not begun
report-page-title = skuferry: { $name }
# $count is the number of users, and $all the same as it is shown.
report-first-users = { $count ->
    [one] The first { $shown } of { $all } user
   *[other] The first { $shown } of { $all } users
}

## The report: what the script of its page says. $category is that of the number: zero, one, two, few, many or other

report-script-shown = { $found }{ $rows }; { $unlicensed }
# Stands behind report-script-found.
report-script-rows = , rows { $from } to { $to }
# $category is that of $all.
report-script-found = { $category ->
    [one] { $shown } of { $all } user
   *[other] { $shown } of { $all } users
}
# $category is that of $seconds.
report-script-unlicensed = { $category ->
    [one] { $seconds } second without a license
   *[other] { $seconds } seconds without a license
}

## The report: headings of its sections and columns

report-head-numbers = In numbers
report-head-what = What
report-head-number = Number
report-head-users = Users
report-head-user = User
report-head-became = Became
report-head-stands = Stands
report-head-batch = Batch
report-head-added = Added
report-head-ready = Ready
report-head-removed = Removed
report-head-migrated = Migrated
report-head-unlicensed-short = s without a license
report-head-approvals = Approvals
report-head-causes = Products, reasons and causes
report-head-approval-number = No.
report-head-when = When
report-head-by = By
report-head-reason = Reason
report-head-screen = What stood on the screen
report-head-incidents = Halts, alarms, other hands, rollbacks
report-head-failures = Failed requests
report-head-code = Status and code
report-head-sentence = Sentence
report-head-request-id = request-id
report-head-batches = Batches
report-head-phase = Phase
report-head-arrived = Arrived
report-head-adding-approved = Adding approved
report-head-removing-approved = Removing approved
report-head-complete = Complete
report-head-canary = Canary
report-head-exceptions = Exceptions
report-head-why = Why
report-head-plan = Plan
report-head-sittings = Who ran it, where and how
report-head-since = Since
report-head-operator = Operator
report-head-machine = Machine
report-head-sign-in = Sign-in
report-head-as = As
report-head-settings = Settings
report-head-value = Value
report-head-from = From
report-head-to = To
report-head-scenario = Scenario
report-head-pair = Pair
report-head-seats = Seats
report-head-preflight = Preflight
report-head-warning-head = Warning
report-head-problem = Problem

## The report: sentences between its tables

report-none = None.
report-nothing = none
report-migration = Migration { $name } · { $tenant } · run { $run } · { $started } to { $last }, all times in UTC
report-side = { $name } ({ $part-number }), group “{ $group }” ({ $id })
report-scenario = { $scenario }; the plans predict { $predicted }
report-excludes = { $one } excludes { $other }
report-seats = { $free } free, { $needed } needed
report-seats-of = { $product }: { $free } free, { $needed } needed
report-preflight = { $ready } ready, { $blocked } blocked
# $records is the count as it is shown.
report-made-from = { $count ->
    [one] Made from the run's journal of { $records } record. Seconds without a license are those that reads saw, rounded up. Schema { $schema }.
   *[other] Made from the run's journal of { $records } records. Seconds without a license are those that reads saw, rounded up. Schema { $schema }.
}

## The report: words of its page alone

report-page-show-all = Show all
report-page-previous = Previous rows
report-page-next = Next rows
report-head-unlicensed = Seconds without a license
report-page-search = Search name, cause or reason
report-page-outcome = What became of them
report-page-ever-unlicensed = Ever without a license
report-head-pairs = Pairs behind it
report-head-problems = Problems and warnings
report-page-all = all
report-page-to-users = To the users
report-no-approval = None was given, so nothing was written.
report-page-approval-numbers = The table of users has the numbers of the approvals that name each of them.
report-page-progress = Users over time: added to the target group, removed from the source group, migrated.
report-page-run = { $name } · { $tenant } · run { $run } · { $started } to { $last }, all times in UTC
report-page-latencies = How long licensing took, in users: { $lengths }
report-page-batches = Batches over time.
report-page-batches-more = Batches over time; { $left } more are in the table.
report-page-in-json = { $left } more are in the report's JSON.

## Facts: steps of the work, forms of reads, lists of plans

fact-step-read = read users, groups and products
fact-step-add = add users to the target group
fact-step-remove = remove users from the source group
fact-step-reprocess = reprocess a user's licenses (r)
fact-step-direct = remove a direct license (d)
fact-step-audit = read why a user is stuck in the audit log
fact-form-member-pages = member pages
fact-form-id-filters = id filters
fact-form-point-reads = point reads
fact-form-cast-pages = member pages cast to users
# Resource units, as Microsoft Graph counts what a request costs.
fact-pass-units = { $count ->
    [one] { $count } resource unit
   *[other] { $count } resource units
}
# $form is a form of request, $status a status of HTTP.
fact-form-refused = not by { $form }: Microsoft Graph refuses them ({ $status })
fact-form-refused-silently = not by { $form }: Microsoft Graph refuses them
fact-form-not-permitted = not by { $form }: the sign-in may not read them (403)
fact-form-not-found = not by { $form }: Microsoft Graph does not find what they ask for (404)
fact-form-null-states = not by { $form }: they do not tell licenses (licenseAssignmentStates is null)
fact-form-trouble = not by { $form }: they got no good answer, and another form did
fact-form-more-requests = { $count ->
    [one] not by { $form }: at least { $count } request
   *[other] not by { $form }: at least { $count } requests
}
# $set is a set of plans in Microsoft's list, $date the day of the list's current edition.
fact-listed-both = set { $set } of Microsoft's list, editions of 2019 and { $date }
fact-listed-current = set { $set } of Microsoft's list, edition of { $date }, not that of 2019
fact-listed-in-2019 = set { $set } of Microsoft's list, edition of 2019, not that of { $date }
fact-listed-apart = set { $set } of Microsoft's list, one plan in the edition of 2019, the other in that of { $date }

## The command line: what it prints

cli-log = log: { $path }
cli-nothing-written = nothing was written down
cli-and-more = and { $count } more
cli-and = { $one } and { $other }
cli-or-in = { $one } or in { $other }
# Who is at work, as the journal keeps it. $account is the one that is signed in.
cli-operator = { $person } as { $account }
cli-operator-unnamed = an operator
cli-config-left-alone = { $path } is left alone, because it belongs to another user or others may write it; name it with --config to use it
cli-host-question =
    { $key } leads to { $host }, which is no cloud of Microsoft's and not this machine.
    It would get { $secret }. It is asked about once.
    Type its name to go on, or press Enter to stop:
cli-sign-in-browser-opened = a browser was opened: sign in there
cli-sign-in-browser = to sign in, open this address in a browser of this machine: { $address }
cli-sign-in-over-ssh = (over ssh: connect with ssh -L { $port }:localhost:{ $port }, or set method = "device-code")
cli-sign-in-code = to sign in, open { $page } in any browser and enter the code { $code } within { $left }
cli-check-route = { $source } ({ $source_group }) to { $target } ({ $target_group }), { $scenario }
cli-check-excludes = { $one } excludes { $other }
cli-check-ready = { $ready } ready, { $blocked } blocked
cli-check-seats = { $free ->
    [one] { $free } seat
   *[other] { $free } seats
} free, { $needed } needed
cli-check-loses-nothing = no service is lost
cli-check-warning = warning: { $what }
cli-events-cut-short = the journal is cut short: its last line is not whole, and is left out
cli-events-of-batch = batch { $batch }: { $text }
cli-events-by = { $text }, by { $by }
cli-kept-settings = this run keeps its own settings: { $settings }
cli-kept-setting = { $key } { $run } (the configuration says { $here })
cli-run-not-kept = this sitting only read, and nothing of it is kept
cli-run-looked-at = run { $id } was only looked at; it is at work in another skuferry
# $back is run-rolled-back or nothing.
cli-run-ended = { $state }: run { $id }{ $back }
cli-run-not-complete = run { $id } is not complete; go on with: { $command }
cli-demo-not-complete = the demo ended before the migration was complete
cli-demo-ended = { $state }: run { $id }, kept in { $path }
cli-report-written = written: { $path }
cli-sim-listening = listening on { $url }
cli-runs-none = There are no runs in { $folder } yet.
cli-runs-run = RUN
cli-runs-started = STARTED
cli-runs-written = LAST WRITTEN
cli-runs-migration = MIGRATION
cli-runs-what = { $name } ({ $source } to { $target }, { $tenant })
cli-runs-torn = { $run } [the last line is cut short]
cli-prune-run = { $id }  last written { $at }  { $what }
cli-prune-stays = stays: { $run }: { $why }
cli-prune-nothing = There is nothing to delete.
# $count is typed as it is shown.
cli-prune-question = { $count ->
    [one] To delete the journals of { $count } run
   *[other] To delete the journals of { $count } runs
} and their exported reports for good, type { $count }:
cli-prune-given-up = Nothing was deleted.
cli-prune-deleted = deleted { $id }
cli-prune-complete = { $name } (complete)
cli-prune-not-complete = { $name } (not complete)
cli-prune-not-read = cannot be read
# $what is cli-prune-complete, cli-prune-not-complete, cli-nothing-written or cli-prune-not-read.
cli-prune-of-demo = { $what }, a run of the demo
# $what as in cli-prune-of-demo.
cli-prune-of-rehearsal = { $what }, a run of a rehearsal
cli-prune-by-hand = delete { $path } by hand if you mean it
cli-prune-under-way = a run between its groups is under way
cli-prune-written-since = it was written since
cli-status-run = run { $id } · { $name } · { $tenant }
cli-status-route = { $source } to { $target }, { $scenario }
cli-status-started = started { $started }, last written { $written }
cli-status-no-batch = no batch yet: preflight is not done, or nobody is ready
cli-status-batch-of = { $batch } of { $count }
# $exceptions is phase-exceptions or nothing.
cli-status-batch-complete = { $batch }: complete{ $exceptions }
cli-status-totals = { $back ->
    [0] { $migrated } of { $listed } migrated, { $excluded } excluded, { $blocked } blocked, { $unlicensed } unlicensed
   *[other] { $migrated } of { $listed } migrated, { $back } rolled back, { $excluded } excluded, { $blocked } blocked, { $unlicensed } unlicensed
}
cli-status-unlicensed = { $user } is without a license since { $since }
cli-status-was-unlicensed = { $user } was without a license for { $length }
cli-status-unknown = { $count ->
    [one] the outcome of { $count } write is not known; a resume asks the tenant before anything is written
   *[other] the outcome of { $count } writes is not known; a resume asks the tenant before anything is written
}
cli-status-stopped = stopped: no skuferry is at work on this run, and nothing is written
cli-status-left = as it was left: { $waiting }
cli-status-resume = go on with: { $command }
cli-status-demo = a run of the demo: its tenant ends with the demo, so it cannot be taken up again
cli-status-rehearsal = a run of a rehearsal: the copy of the tenant ends with the rehearsal, so it cannot be taken up again
# $reported is a word as in JSON, such as source-only.
cli-verify-differs = { $user }: the report says { $reported }, now { $now }
cli-verify-unread = { $user }: could not be read: { $why }
cli-verify-sums = { $same ->
    [one] { $same } user is as the report says
   *[other] { $same } users are as the report says
}, { $differ ->
    [one] { $differ } is not
   *[other] { $differ } are not
}
cli-verify-not-compared = the report says nothing of where { count-users } stand
cli-whoami-configured = configured as { $id }
cli-whoami-tenant = tenant
cli-whoami-method = method
cli-whoami-application = application
cli-whoami-account = account
cli-whoami-client-id = client id
cli-whoami-ends = token ends
cli-whoami-ends-at = { $end }, in { $left }
cli-whoami-permissions = permissions
cli-whoami-names-none = the token names none
cli-whoami-roles = roles
cli-whoami-not-told = the token does not tell
cli-whoami-no-role = none for the whole tenant that matters here
cli-whoami-step = step
cli-whoami-permission = permission
cli-whoami-role = role
cli-whoami-what-for = what for
cli-whoami-permission-not-told = not told
cli-whoami-permission-granted = granted
cli-whoami-permission-missing = MISSING
cli-whoami-role-not-needed = not needed
cli-whoami-role-held = held
cli-whoami-role-not-seen = not seen
cli-whoami-optional = { $step } (a migration goes on without it): { $whereto }
cli-whoami-missing-application = the permission { $names } is missing. Grant it in the Entra admin center: App registrations, the application, API permissions, Add a permission, Microsoft Graph, Application permissions; then Grant admin consent.
cli-whoami-missing-delegated = the permission { $names } is missing. Grant it in the Entra admin center: App registrations, the application, API permissions, Add a permission, Microsoft Graph, Delegated permissions; then Grant admin consent.
cli-whoami-role-missing = { $owner ->
    [yes] the account needs one of the roles { $names }, or to own the group; the token shows none.
   *[no] the account needs one of the roles { $names }; the token shows none.
} Assign it in the Entra admin center: Roles and admins. A role for an administrative unit does not show here: it is enough where the unit holds the groups, and for reprocess and direct the users too.

## The command line: what went wrong, why, and what to do

error-cli-label-what = error
error-cli-label-why = why
error-cli-label-action = what to do
error-cli-no-start = skuferry cannot start
error-cli-not-printed = the answer cannot be printed
error-cli-machine-action = See that the file, folder or address can be used by this account, then try again.
error-cli-not-written = { $path } cannot be written
error-cli-no-folder = cannot make the folder { $path }
error-cli-no-answer = the answer cannot be read
error-cli-terminal = the terminal cannot be used
error-cli-engine = the engine stopped before its time
error-cli-signals = signals cannot be listened to
error-cli-no-place = there is no place for skuferry's data
error-cli-no-home = this account has no home folder
error-cli-no-place-action = Set { $data } and { $config } to folders that you may write.
error-cli-no-config = there is no configuration yet
error-cli-no-config-why = no config.toml is in { $folders }
error-cli-no-config-action = Run `skuferry` or `skuferry setup` in a terminal, which makes one with you. `skuferry demo` needs none. Or copy config.example.toml to config.toml and change what is yours.
error-cli-no-terminal = there is no terminal to open
error-cli-no-terminal-why = standard output is not a terminal
error-cli-no-terminal-action = Run it in a terminal, or use `skuferry check --json`, which needs none.
error-cli-demo-list = the demo's list of users cannot be read
error-cli-demo-list-action = Report this.
error-cli-run-stopped = the run cannot go on
error-cli-run-stopped-action = Start a new run: preflight asks the tenant anew.
error-cli-run-held = the run cannot be opened for writing
error-cli-run-held-action = End the other run, or open this one with --read-only.
error-cli-other-run = run { $id } cannot go on with this configuration
error-cli-other-run-action = Name the configuration that the run was started with, with --config, or start a new run.
error-cli-differs = { $what }: the run has { $run }, the configuration { $here }
error-cli-differs-source-group = source group
error-cli-differs-target-group = target group
error-cli-differs-source-sku = source SKU
error-cli-differs-target-sku = target SKU
error-cli-differs-tenant = tenant
error-cli-differs-address = address of Microsoft Graph
error-cli-journal-stopped = the journal cannot go on
error-cli-journal-not-usable = the journal cannot be used
error-cli-journal-damaged = the journal cannot be read beyond line { $line }
error-cli-journal-damaged-action = All events before it are printed above.
error-cli-no-run = there is no run
error-cli-no-run-why = { $folder } is empty
error-cli-no-run-action = Start one with `skuferry run`; those of the demo end with it.
error-cli-no-run-told = { $path } does not tell of a run
error-cli-no-run-told-action = Restore the file from a backup, or start a new run: preflight asks the tenant anew.
error-cli-run-id = expected the id of a run, as `skuferry runs` lists them
error-cli-age = expected a number of days or hours, such as 90d or 12h
error-cli-speed = expected a number above 0, such as 60
error-cli-not-deleted = run { $id } cannot be deleted
error-cli-verify-other = run { $id } cannot be verified
error-cli-verify-other-groups = it was between other groups than those of this configuration
error-cli-verify-other-tenants = it was between other tenants than those of this configuration
error-cli-verify-other-products = it was between other products than those of this configuration
error-cli-verify-other-action = Name the configuration that the run was started with, with --config.
error-cli-verify-line = line { $line }: { $why }
error-cli-verify-damaged-action = Restore the file from a backup: what it does not say cannot be verified.
error-cli-verify-unread = { count-users } could not be read
error-cli-verify-unread-action = Try again: nothing is said of these users.
error-cli-tenant-file = the tenant file { $path } cannot be read
error-cli-tenant-file-action = Give the path of a tenant file, or leave --tenant out.
error-cli-sim = the simulated tenant cannot be served
error-cli-sim-action-listen = Give an address of this machine, such as --listen 127.0.0.1:0.
error-cli-sim-action-speed = Give a speed such as --speed 60.
error-cli-sim-action-port = Let it take a free port with --listen 127.0.0.1:0, or free this one.
error-cli-sim-action-tenant = Correct the tenant file.
error-cli-sim-action-tls = Leave --tls out: clients on this machine may speak http.
error-cli-sim-action-folder = Name a place that you may write, where no file of this name is yet.
error-cli-host = nothing was sent to { $host }
# $key is graph_url or login_url; $answer is nobody where nobody sits at a terminal.
error-cli-host-why = { $answer ->
    [nobody] { $key } leads to { $host }, which is no cloud of Microsoft's and not this machine; it would get { $secret }, and nobody can be asked here
   *[other] { $key } leads to { $host }, which is no cloud of Microsoft's and not this machine; it would get { $secret }, and it was not confirmed
}
error-cli-host-gets-tokens = access tokens for your tenant
error-cli-host-gets-secret = the secret of your application
error-cli-host-action = If you know { $host }, start skuferry once in a terminal and type its name when asked, or add --allow-host { $host }. If not, correct { $key } in [tenant].
error-cli-hosts-not-read = the hosts that were confirmed cannot be read from { $path }
error-cli-hosts-not-read-action = Remove the file; skuferry asks again.
error-cli-sign-in = signing in failed
error-cli-sign-in-action = Check [auth] in the configuration and the secret or token, then try again.
error-cli-sign-in-given-up = the sign-in was given up
error-cli-sign-in-given-up-action = Start again to sign in, or choose another method in [auth].
error-cli-other-tenant = the sign-in is for the tenant { $other }, and [tenant] id names { $configured }
error-cli-other-tenant-action = Sign in with an account or token of the tenant in [tenant], or correct id there.
error-cli-variable = the environment variable { $variable } is not set
error-cli-variable-action = Set { $variable } for this session only, then try again.
error-cli-certificate = { $path } cannot be used to sign in
error-cli-certificate-action = Name a PEM file in [auth] certificate that holds the certificate and its RSA key.
error-cli-ca-file = { $path } cannot be used as ca_file
error-cli-ca-file-action = Name a PEM file with the certificate of the authority in ca_file, or leave the key out.
error-cli-unreachable = Microsoft Graph could not be reached
error-cli-unreachable-action = Check the network, the proxy and the addresses in [tenant], then try again.
error-cli-refused = Microsoft Graph refused
error-cli-refused-action = Read the reason above; Microsoft's support asks for the request-id.
error-cli-forbidden-action = Ask an administrator for the permission or role that is named above.
error-cli-busy = Microsoft Graph cannot answer just now
error-cli-busy-action = Wait some minutes and try again.
error-cli-malformed = the answer is not Microsoft Graph's
error-cli-malformed-action = Check the addresses in [tenant], and that no proxy answers in its place.

## The configuration and the list of users

# What a migration is called when its operator does not say.
config-name = { $source } to { $target }
error-config-unreadable = { $path } cannot be read
error-config-unreadable-create = Create the file, or name another one.
error-config-unreadable-action = Make it a text file in UTF-8 that you may read.
error-config-not-usable = { $path } cannot be used as it is
error-config-no-file = it is not a regular file
error-config-too-large = it is larger than { $most } MiB
error-config-no-text = it is not text in an encoding that is known
error-config-correct = Correct the line and try again.
error-config-expected = Correct the line. Expected: { $expected }.
config-wrong-backslash = a backslash begins an escape in double quotes
config-wrong-name-in-address = an address has no name and no password in it
config-wrong-long-text = this text of several lines cannot be read
config-wrong-value = this value cannot be read
config-wrong-same-group = the target group is the source group
config-wrong-same-license = the target license is the source license
config-wrong-no-client-id = this way to sign in needs an app registration
config-wrong-no-certificate = this way to sign in needs a certificate
config-list-no-column = line { $line } looks like a header, and none of its columns is called userPrincipalName or id
config-list-several-users = line { $line } names a user more than once, and no header says which column counts
config-list-open-quote = a quote opens on line { $line } and takes in the lines after it
config-list-row = the row cannot be read as CSV
config-expected-quotes = text in quotes
config-expected-key = the key here; config.example.toml documents every key
config-expected-path = a path in single quotes, such as 'C:\temp\users.csv', or with / in it
config-expected-no-secret = secrets outside of this file, a client secret in SKUFERRY_CLIENT_SECRET and a token in SKUFERRY_ACCESS_TOKEN
config-expected-other-group = another group than the source's
config-expected-other-product = another product than the source's
config-expected-client-id = a key client_id in [auth], with the application id of your app registration
config-expected-certificate = a key certificate in [auth], with the PEM file that holds the certificate and its private key
config-expected-list = one user principal name or object id a line, or CSV with a column userPrincipalName or id

## Advice of preflight: what to know before the first approval. Each names the Microsoft document that says so.

# $document is the title of a document of Microsoft, which is not translated.
advice-source = source: { $document }
view-plan-advice = advice
cli-check-advice = advice, { $what }
advice-delayed-delicensing = { $count ->
    [one] whether a mailbox outlives its license is unknown: Microsoft Graph does not tell. With delayed delicensing on, Exchange Online keeps a mailbox for 30 days after a license was taken by mistake; without it, mail bounces at once. In Exchange Online PowerShell, Get-OrganizationConfig shows DelayedDelicensingEnabled, and Set-OrganizationConfig -DelayedDelicensingEnabled:$true turns it on, which takes up to 48 hours. Microsoft offers it to large tenants only; this one has { $count } seat with Exchange Online
   *[other] whether a mailbox outlives its license is unknown: Microsoft Graph does not tell. With delayed delicensing on, Exchange Online keeps a mailbox for 30 days after a license was taken by mistake; without it, mail bounces at once. In Exchange Online PowerShell, Get-OrganizationConfig shows DelayedDelicensingEnabled, and Set-OrganizationConfig -DelayedDelicensingEnabled:$true turns it on, which takes up to 48 hours. Microsoft offers it to large tenants only; this one has { $count } seats with Exchange Online
}
# $seats is a number of seats, $count one of users.
advice-group-licensing-coverage = group-based licensing itself asks for Entra ID P1 for each user, or Microsoft 365 Business Premium, or Office 365 E3, A3, G3 or above. The tenant has { $seats ->
    [one] { $seats } seat
   *[other] { $seats } seats
} of such products, and { $count ->
    [one] { $count } user is listed
   *[other] { $count } users are listed
}
advice-phone-numbers = { $count ->
    [one] { $count } user has Teams Phone or a calling plan. Whether a number is assigned is unknown; the Teams admin center shows it under Voice, Phone numbers. Look at the number again after the move
   *[other] { $count } users have Teams Phone or a calling plan. Whether numbers are assigned is unknown; the Teams admin center shows them under Voice, Phone numbers. Look at the numbers again after the move
}
# $lose is how many of $count users lose it.
advice-phone-numbers-lost = { $count ->
    [one] { $count } user has Teams Phone or a calling plan
   *[other] { $count } users have Teams Phone or a calling plan
}, and { $lose ->
    [one] { $lose } has it from the source group alone, while the target group brings none: a number that is assigned stops ringing
   *[other] { $lose } have it from the source group alone, while the target group brings none: numbers that are assigned stop ringing
}. The Teams admin center shows numbers under Voice, Phone numbers
advice-guests = { $count ->
    [one] { $count } listed account is a guest. A guest takes a seat of the target like anybody else, and may be licensed at home already
   *[other] { $count } listed accounts are guests. A guest takes a seat of the target like anybody else, and may be licensed at home already
}
advice-disabled-accounts = { $count ->
    [one] { $count } listed account is disabled. It is moved like the others and takes a seat of the target, although nobody can sign in with it
   *[other] { $count } listed accounts are disabled. They are moved like the others and take seats of the target, although nobody can sign in with them
}
advice-deleted-accounts = { $count ->
    [one] { $count } listed account is deleted and can be restored for 30 days. It is not moved; once restored it is back in its groups, the source group too
   *[other] { $count } listed accounts are deleted and can be restored for 30 days. They are not moved; once restored they are back in their groups, the source group too
}
advice-deleted-accounts-unknown = { $count ->
    [one] whether { $count } listed account that was not found is deleted and can be restored is unknown: this sign-in may not read deleted users. The Entra admin center shows them under Users, Deleted users
   *[other] whether { $count } listed accounts that were not found are deleted and can be restored is unknown: this sign-in may not read deleted users. The Entra admin center shows them under Users, Deleted users
}
# $nested are names of some of the $count groups, $more is how many are not named.
advice-nested-groups = { $count ->
    [one] a group is a member of "{ $group }", and licensing does not reach its members: { $nested }
   *[other] { $count } groups are members of "{ $group }", and licensing does not reach their members: { $nested }{ $more ->
        [0] {""}
       *[other] {" "}and { $more } more
    }
}
advice-nested-groups-unknown = whether groups are members of "{ $group }" is unknown: they cannot be read here. Licensing does not reach the members of such groups. The Entra admin center shows them under the group's Members
advice-target-subscription-ends = { $product }: { $caution }. Renew it before users depend on it
advice-target-subscription-unknown = whether a subscription of { $product } ends soon is unknown: this sign-in may not read subscriptions (Organization.Read.All). The Microsoft 365 admin center shows them under Billing, Your products
advice-one-call-swap = instead of moving users, one call can swap the license of "{ $group }" from { $old } to { $new } for all its members at once (group: assignLicense with addLicenses and removeLicenses). That gives up batches and a canary, the look at each user before the old license goes, seats counted beforehand, and a way back for single users
advice-source-delicensing = "Get Started with Delicensing Resiliency in Exchange Online" (Microsoft Learn)
advice-source-group-licensing = "What is group-based licensing in Microsoft Entra ID?" (Microsoft Learn)
advice-source-phone-numbers = "Manage phone numbers for users" (Microsoft Learn)
advice-source-guests = "Properties of a Microsoft Entra B2B collaboration user" (Microsoft Learn)
advice-source-disabled = "Step 6 - Remove and delete the Microsoft 365 license from a former employee" (Microsoft Learn)
advice-source-deleted = "Delete a user" (Microsoft Graph reference)
advice-source-nested = "Scenarios, limitations, and known issues using groups to manage licensing in Microsoft Entra ID" (Microsoft Learn)
advice-source-subscription = "What happens to my data and access when my Microsoft 365 for business subscription ends?" (Microsoft Learn)
advice-source-swap = "Change license assignments for a user or group in Microsoft Entra ID" (Microsoft Learn)

## Screen: how the connection fares, on the right of the first line.

# $length is an age such as 12s.
screen-slow = slow, no answer { $length }
screen-slow-last-answer = slow, last answer { $length } ago
# $what is screen-limit-…, $until a time of day.
screen-throttled = { $what } throttled until { $until }
# $throttled is screen-throttled.
screen-throttled-asked-again = { $throttled }, asked again { $again }
screen-throttled-brief = throttled until { $until }
screen-slower = { $what } slower until { $until }
screen-slower-brief = slower until { $until }
screen-limit-reads = reads
screen-limit-writes = writes
screen-limit-both = reads and writes
screen-limit-used = { $percent } % used
screen-offline-since = offline since { $time }, { $length }
screen-offline = offline { $length }
screen-no-good-answer-since = no good answer since { $time }, { $length }
# L is a key.
screen-token-ends = token ends { $time } · L
## A rehearsal on a copy of the tenant

cli-rehearse-no-group = there is no { $end ->
    [source] source
   *[target] target
} group "{ $group }"
cli-rehearse-no-product = the tenant does not have the product { $product } of the { $end ->
    [source] source
   *[target] target
} group
cli-rehearse-nobody = none of the listed users was found
cli-rehearse-not-asked = not asked for
cli-rehearse-unread-tenant = Not read: the tenant's name, domain and country ({ $why })
cli-rehearse-unread-subscriptions = Not read: the subscriptions, so none of them ends soon or is a trial here
cli-rehearse-unread-group = Not read: the group "{ $group }" ({ $why }); it has here what its members show
cli-rehearse-missing-group = Not found: the group "{ $group }"; it has here what users still have from it
cli-rehearse-unread-members = Not read: who is in the group "{ $group }" ({ $why }); here it is whoever has a license from it
cli-rehearse-unread-user = Not read: the user { $user } ({ $why }); the copy does not have this user
cli-rehearse-unsaid-word = Not copied: the word { $word } of Microsoft Graph, which the simulator does not have ({ $count ->
    [one] { $count } time
   *[other] { $count } times
})
cli-rehearse-unsaid-product = Not copied: the product { $product }, which { $count ->
    [one] { $count } user has
   *[other] { $count } users have
} and the tenant does not list
cli-rehearse-unsaid-license = Not copied: a product of { count-users } that no license assignment state tells of
cli-rehearse-unsaid-names = Not copied: the sign-in name of { count-users }, which cannot be one in the simulator
cli-rehearse-file = A copy of a tenant, read by skuferry { $version } at { $at }.
cli-rehearse-file-use = To serve it: skuferry sim --tenant THIS-FILE --write-config FOLDER
cli-rehearse-file-names = It holds names of users and groups: keep it as private as the tenant.
cli-rehearse-file-anonymous = Names, sign-in names, ids and domains are replaced. Products, countries, seats and dates are the tenant's own.
cli-rehearse-file-latencies = Group-based licensing takes as long as it did in an earlier run, by { $count ->
    [one] { $count } write
   *[other] { $count } writes
}.
cli-rehearse-file-limits = Microsoft Graph does not tell, so this copy does not have: which plans need others; countries where a product is not offered, unless a license shows it; mail addresses that are taken; users whom Graph would refuse to add.
cli-rehearse-written = { $count ->
    [one] the copy of { $count } user
   *[other] the copy of { $count } users
} is written to { $path }
cli-rehearse-not-complete = it ended before the migration was complete
cli-rehearse-ended = rehearsal of the run { $id }: { $state }; nothing happened in the tenant. The journal is { $path }
error-cli-there-already = there is a file of this name already
error-cli-there-already-action = Name another file, or add --overwrite to replace this one.
error-cli-no-copy = a copy of this tenant would be of no use
error-cli-no-copy-action = Correct the configuration or the list of users; `skuferry check` says more.
## From anywhere: halt, watch, runs with their state

halt-command = by { $by }, with skuferry halt
halt-window-closed = the window for writes closed before all had left that was approved
screen-from-journal = from the journal
notice-read-only-watches = this screen shows what the journal tells; skuferry halt halts the run
cli-operator-at = { $person } on { $host }
cli-runs-state = STATE
cli-runs-progress = MIGRATED
cli-halt-kept = halted: run { $id }; nothing more is written
cli-halt-heard = halting: run { $id } has heard it, and nothing more is written; its journal does not have it yet
cli-halt-not-heard-here = skuferry halt does not reach this run: { $why }
cli-watch-halt = watching; to halt it: { $command }
error-cli-halt-not-at-work = run { $id } is not at work, so nothing was halted
error-cli-halt-nothing-at-work = no run is at work, so nothing was halted
error-cli-halt-why = no skuferry of this machine is writing
error-cli-halt-action = See `skuferry runs` for the runs that there are, and where they stand.
error-cli-halt-unheard = run { $id } is at work and does not answer
error-cli-halt-unheard-action = Press H on its screen, or end its process: what was intended and not answered is asked about when the run is resumed.

## An unfinished run is offered first

cli-unfinished = run { $id } ({ $name }) is not complete; it was last written { $at }
# The three words are typed as they stand here, in every language.
cli-unfinished-question = Enter or resume goes on with it, look opens it read-only, new starts another run:
error-cli-unfinished = a run between these groups is not complete
error-cli-unfinished-action = Go on with it by --resume { $id }, or start another one by --new.

## Lines instead of a screen: run --plain

cli-plain-run = run { $id } · { $name }
cli-plain-events-skipped = events were left out here, as they came faster than they could be printed; skuferry events has them
cli-plain-gate-add = waiting for approval: add { $count }
cli-plain-gate-remove = waiting for approval: remove { $count }
cli-plain-gate-of = { $gate } (batch { $batch })
cli-plain-about-add = {"  "}{ $batch }, to "{ $group }"
cli-plain-about-remove = {"  "}{ $batch }, from "{ $group }"
cli-plain-left-behind = {"  "}{ $count } left behind: { $users }
cli-plain-who = { $user } ({ $why })
cli-plain-not-read = not read yet
cli-plain-canary = {"  "}the canary goes first: { $users }
cli-plain-answer = {"  "}answer: { $answer }
cli-plain-add-of = add { $count } (batch { $batch })
cli-plain-remove-of = remove { $count } (batch { $batch })
cli-plain-withdrawn = waits no more: { $gate }
cli-plain-stuck = stuck: { $user }: { $why }
cli-plain-stuck-hold = { $count ->
    [one] { $count } user is stuck, and nothing else waits. Remove the cause and answer poll, or answer exclude USER
   *[other] { $count } users are stuck, and nothing else waits. Remove the cause and answer poll, or answer exclude USER for each
}
cli-plain-no-such-gate = nothing approved: "{ $answer }" fits nothing that waits; waiting: { $waits }
cli-plain-nothing-waits = nothing approved: "{ $answer }" fits nothing, as no approval waits
cli-plain-which-batch = nothing approved: "{ $answer }" may be meant for another batch; answer: { $answers }
cli-plain-has-changed = nothing approved: what waits has changed since it was told
cli-plain-lines-lost = { $count ->
    [one] { $count } line came too fast and was not read
   *[other] { $count } lines came too fast and were not read
}
cli-plain-refused = not done: { $why }
cli-plain-no = nothing approved
cli-plain-halting = halting: nothing more is written
cli-plain-not-halted = the run is not halted
cli-plain-no-alarm = no alarm waits
cli-plain-no-such-user = nobody in this run is called { $user }
cli-plain-not-understood = not understood, and nothing was done; answers: approve add N, approve remove N, no, halt, lift halt, acknowledge alarm, exclude USER, poll, sign in, quit
cli-plain-signed-out = nobody is signed in, so nothing is read or written
cli-plain-sign-in = to sign in: { $address } · code { $code }
cli-plain-end-of-input = the input has ended: nothing more is approved

## Change control: the reason of an approval, the window for writes, the pilot

help-mode-reason = In the reason of an approval
key-reason = the reason or the ticket of an approval
key-reason-type = text, H too
key-reason-submit = back to the approval; nothing is approved by it
dialog-reason = reason
dialog-reason-leaves = every key is text; `{ $key }` leads back
dialog-reason-none = `{ $key }` to say why, or under which ticket
dialog-reason-is = reason: { $reason } · `{ $key }` changes it
refusal-outside-window = outside of the window for writes: it opens { $at }
config-value-window = two times of the day that differ, such as "22:00-05:00"
config-value-zone = the name of a time zone, such as "Europe/Lisbon"
config-wrong-no-command = it names no program
config-expected-command = a program and its arguments in quotes, such as ["notify.sh"]
problem-pilot-not-ready = of the pilot { $ready } of { $named } are ready and in the list; not: { $others }
error-cli-pilot-empty = { $path } names nobody
error-cli-pilot-empty-why = pilot says who makes batch 1
error-cli-pilot-empty-action = Name users in it, or leave pilot out.

## Calls of the operator, and what happened meanwhile

notice-call-failed = the command of [notify] failed, and is told of once: { $why }
cli-notify-window-title = skuferry · { $told }
cli-notify-title = { $migrated } of { $count } migrated
cli-notify-too-long = it took longer than 10 seconds and was ended
dialog-away-title = While you were away
dialog-away-title-resumed = Where this run was left
dialog-away-since = since { $at }, for { $length }
dialog-away-resumed = it was written last { $at }, { $length } ago; what was approved then is asked again
dialog-away-now = now
dialog-away-earlier = { $count } earlier, in the events (3)
dialog-away-others = { $count ->
    [one] and { $count } other event
   *[other] and { $count } other events
}

## The journal, its lock and the files beside it

error-journal-read = cannot read { $path }
error-journal-create = cannot create { $path }
error-journal-write = cannot write { $path }
error-journal-make-folder = cannot make the folder { $path }
error-journal-write-folder = cannot write the folder { $path }
error-journal-cut-torn-end = cannot cut the torn end off { $path }
error-journal-start-thread = cannot start the thread that writes { $path }
error-journal-lost = { $path } is not written any more
error-journal-encode = an event cannot be written to { $path }
error-journal-poisoned = { $path } is not written any more, because an earlier write to it failed
error-journal-damaged = { $path }, line { $line } is damaged: { $why }
error-journal-newer = { $path }, line { $line } was written by a newer version of skuferry (format { $version })
error-journal-action-no-run = See `skuferry runs` for the runs that there are.
error-journal-action-exists = Resume that run instead of starting it again.
error-journal-action-write = See that the data folder can be written and the disk is not full, then resume the run.
error-journal-action-lost = See that no other skuferry is at work between these groups, then resume the run.
error-journal-action-encode = Report this: no event should be impossible to write.
error-journal-action-damaged = Restore the file from a backup, or start a new run: preflight asks the tenant anew.
error-journal-action-newer = Use that version of skuferry, or a later one.
error-damage-no-checksum = it does not begin with a checksum
error-damage-other-checksum = its checksum does not fit its text
error-damage-no-record = it is no record
error-damage-out-of-order = its number does not follow the one before it
error-damage-unknown-event = it has an event that is not known
error-damage-no-start = it does not begin with the start of a run
error-lock-held = another run is under way between these two groups (lock { $path })
error-lock-held-by = another run is under way between these two groups, in process { $process } (lock { $path })
error-lock = cannot lock { $path }
error-folder = { $path }: { $why }
error-folder-is-link = the folder is a symbolic link
error-folder-is-none = it is not a folder
error-folder-of-another-user = the folder belongs to another user
error-folder-writable-by-others = others may write the folder; take that away with chmod go-w
error-file-not-regular = it is not a regular file
error-file-of-another-user = it belongs to another user
error-file-writable-by-others = others may write it
error-file-removed = { $path } was removed
error-file-replaced = { $path } was replaced

## Single values of the configuration

config-wrong-no-key = there is no key { $key }
config-wrong-missing-key = a key is missing: { $key }
config-wrong-key-twice = this key stands here twice
config-wrong-no-choice = there is no choice { $choice }
# $value is the parser's description, such as: string "many".
config-wrong-other-kind = not the right kind of value: { $value }
config-wrong-bad-value = not a good value: { $value }
config-wrong-address = { $given } is not an address that skuferry may use: { $why }
config-address-scheme = it does not begin with https:// or http://
config-address-characters = it has a space or one of \ ? # @ in it
config-address-host = its host or port cannot be read
config-address-version = the version is added by skuferry; leave it out
config-address-plain-http = plain http is only allowed to this machine itself (127.0.0.1, [::1] or localhost)
config-value-text = text in quotes that is not empty
config-value-tenant = the tenant's id or one of its domain names, such as "contoso.onmicrosoft.com"
config-value-group = the object id of a group, such as "b82c04f0-ce30-4ff1-bac7-735d92d83036"
config-value-product = a part number such as "STANDARDPACK", TENANT:PART_NUMBER, or a skuId
config-value-address = an address such as "https://graph.microsoft.com"
config-value-whole = a whole number from { $least } to { $most }
config-value-length = a length of time from { $shortest } to { $longest }, such as "30s", "2m" or "1h 30m"

## Products and plans in Microsoft Graph's sentences

word-and-more = { $named } and { $left } more
word-plan-of-products = { $plan } of { $products }

## Why Microsoft Entra refuses a sign-in, and what to do

error-entra-policy = a conditional access policy of the tenant blocks this sign-in
error-entra-device = a conditional access policy of the tenant wants a device that it manages, or that complies
error-entra-consent = nobody has consented to the permissions of the application yet
error-entra-no-tenant = Microsoft Entra finds no such tenant in this cloud
error-entra-other-tenant = the account is not one of this tenant
error-entra-public-client = the app registration does not let people sign in: public client flows are off
error-entra-redirect = the app registration does not name the address http://localhost to come back to
error-entra-no-application = the tenant knows no application with this client_id
error-entra-secret-expired = the client secret has expired
error-entra-secret-wrong = the client secret is wrong
error-entra-certificate = the certificate is not one of the app registration, or did not sign this request
error-entra-clock = the clock of this machine and Microsoft's differ too much for a certificate sign-in
error-entra-mfa = the account has to prove itself once more, as by multifactor authentication
error-entra-ended = the sign-in has ended, or was taken back
error-entra-account = the account may not sign in: locked, disabled, or its password is wrong or has expired
error-entra-not-assigned = the application is only for those it is assigned to, and the account is not
error-entra-declined = the sign-in was declined
error-entra-code-expired = nobody entered the code in time
error-entra-action-policy = Look at the sign-in log in Entra (Conditional Access tab) for the policy's name. Many tenants block device code flow (the policy "Block device code flow"): use method = "browser" on this machine, "azure-cli", or an application with "client-certificate"; or have the policy exclude this account or place.
error-entra-action-device = Sign in on a managed device with method = "browser", or use "azure-cli" there, or an application with "client-certificate"; or have the policy exclude this account.
error-entra-action-consent = Have a Privileged Role Administrator or Cloud Application Administrator open the app registration, API permissions, and choose "Grant admin consent".
error-entra-action-no-tenant = Check id and cloud in [tenant]: a tenant of another cloud is not found here.
error-entra-action-other-tenant = Sign in with an account of the tenant in [tenant], or correct id there.
error-entra-action-public-client = In the app registration, Authentication: set "Allow public client flows" to Yes, or use "client-secret" or "client-certificate".
error-entra-action-redirect = In the app registration, Authentication: add the platform "Mobile and desktop applications" with the redirect URI http://localhost.
error-entra-action-no-application = Check client_id and id in the configuration: the registration must be in this tenant.
error-entra-action-secret-expired = In the app registration, Certificates & secrets: make a new client secret and set SKUFERRY_CLIENT_SECRET to its value.
error-entra-action-secret-wrong = Set SKUFERRY_CLIENT_SECRET to the secret's Value, not its Secret ID; Entra shows the value once, when it is made.
error-entra-action-certificate = Upload the certificate (without its key) to the app registration, Certificates & secrets, and name the same one in [auth].
error-entra-action-clock = Set this machine's clock, with time zone, then try again.
error-entra-action-mfa = Sign in with method = "browser", where the other proof can be asked for; az needs `az login` anew.
error-entra-action-ended = Sign in again: L on the screen, `az login` for azure-cli.
error-entra-action-account = Have the account unlocked or its password set, or sign in with another one.
error-entra-action-not-assigned = In Entra, Enterprise applications, Users and groups: assign the account to the application.
error-entra-action-declined = Sign in again, and agree.
error-entra-action-code-expired = Sign in again, and enter the code in time.

## Why a sign-in did not work

error-sign-in-nobody = nobody is signed in
error-sign-in-token-ended = the access token has expired, and one from SKUFERRY_ACCESS_TOKEN cannot be renewed: end, set a new one, and resume the run
error-sign-in-other-account = { $now } is signed in now, and this session was begun as { $first }: sign in as { $first } again, or end and begin anew
error-sign-in-no-port = no port of this machine can be listened to for the browser: { $why }
error-sign-in-nobody-in-time = nobody signed in within fifteen minutes
error-sign-in-no-browser = the browser did not come back
error-sign-in-no-randomness = the system has no randomness to sign with
# $cause is one of error-entra; $said is what Microsoft Entra says.
error-sign-in-cause = { $cause }. { $said }
error-sign-in-clock-ahead = { $cause }: this machine is { $length } ahead
error-sign-in-clock-behind = { $cause }: this machine is { $length } behind
error-azure-cli-not-installed = the Azure CLI (az) is not installed, or not in PATH; install it and run `az login`, or sign in with method = "browser"
error-azure-cli-not-run = the Azure CLI (az) cannot be run: { $why }
error-azure-cli-no-answer = the Azure CLI (az) gave no answer for two minutes
error-azure-cli-no-token = the Azure CLI (az) printed something other than a token; run it by hand to see what
error-azure-cli-refused = { $cause } (Azure CLI; sign in there with `az login --tenant { $tenant }`). { $said }
error-azure-cli-nobody = nobody is signed in to the Azure CLI for this tenant: run `az login --tenant { $tenant } --allow-no-subscriptions`. az said: { $said }
error-azure-cli-told = the Azure CLI (az) gave no token: { $said }
error-certificate = the certificate file cannot be used: { $why }
error-certificate-not-pem = it is not PEM. From a PFX file: openssl pkcs12 -in FILE.pfx -nodes -out skuferry.pem
error-certificate-encrypted = its key is encrypted. To decrypt it: openssl pkey -in FILE.pem -out key.pem
error-certificate-none = it holds no certificate (-----BEGIN CERTIFICATE-----)
error-certificate-no-key = it holds no private key (-----BEGIN PRIVATE KEY-----)
error-certificate-not-rsa = its key is not RSA, which is all that Microsoft Entra takes
error-certificate-key-length = its key is not RSA of 2048 to 4096 bits
error-certificate-does-not-sign = its key does not sign
error-certificate-not-together = its certificate and its key do not belong together
error-no-authority = the file of certificate authorities holds no certificate (-----BEGIN CERTIFICATE-----)
error-authorities-not-pem = the file of certificate authorities cannot be read: it must be PEM

## The page to which the browser comes back. They stand in HTML as they are

word-signed-in = Signed in
word-not-signed-in = Not signed in
view-landing-signed-in = You have signed in for skuferry. You can close this page and go back to the terminal.
view-landing-refused = The sign-in was refused. The terminal says why. You can close this page.
view-landing-not-ours = This is not the answer that skuferry waits for. Nothing was signed in. Begin again from the terminal.
view-landing-no-code = This answer holds no code. Begin again from the terminal.

## The set-up: its pages

setup-title-offer = no configuration yet
setup-title-sign-in = sign in
setup-title-source = the group that users leave
setup-title-source-product = the license that users leave
setup-title-target = the group that users get into
setup-title-target-product = the license that users get
setup-title-users = the users who move
setup-title-summary = what preflight says
setup-title-place = write the configuration
setup-title-written = ready
setup-step = step { $number } of { $all }
setup-offer-why = skuferry needs a configuration: which tenant, from which licensed group to which, and who moves. There is none yet.
setup-offer-demo = See the demo
setup-offer-demo-text = A simulated tenant on this machine. No account, no network, nothing to set up.
setup-offer-set-up = Set up a migration
setup-offer-set-up-text = Sign in, pick two groups and the users, and see what preflight says. It only reads, and writes one file on this machine.
setup-offer-quit = Leave
setup-place-text = The configuration goes into this file. You can change it later in any editor.
setup-place-private = It holds no secret, and only you may read it. A file that is there is not replaced without asking.
setup-written = Written: { $path }
setup-written-next = Enter opens skuferry on it. It reads again, shows what it found, and asks before it writes anything to the tenant.

## The set-up: fields

setup-field-method = Sign in by
setup-field-tenant = Tenant
setup-field-cloud = Cloud
setup-field-graph-url = Address of Graph
setup-field-login-url = Address of sign-in
setup-field-client-id = Application id
setup-field-certificate = Certificate file
setup-field-ca-file = CA file
setup-field-search = Search
setup-field-place = File
setup-field-answer = Answer
setup-field-file = File
setup-field-user = User
setup-cloud-own = other addresses
# Below the field that has the keys.
setup-help-browser = You sign in on a page of this machine's browser. It needs an app registration with the redirect URI http://localhost.
setup-help-device-code = You enter a code in any browser, as over ssh. Many tenants block it by policy. It needs an app registration that allows public client flows.
setup-help-client-certificate = An application signs in with a certificate. It needs an app registration with the certificate, and a PEM file with the certificate and its key.
setup-help-client-secret = An application signs in with a secret, which comes from the environment variable SKUFERRY_CLIENT_SECRET and is never written down.
setup-help-azure-cli = Whoever has run `az login` on this machine. No app registration.
setup-help-access-token = A token that you bring along, in the environment variable SKUFERRY_ACCESS_TOKEN. It cannot be renewed, and is never written down.
setup-help-tenant = The tenant's id, or one of its domain names, such as contoso.onmicrosoft.com.
setup-help-cloud = Which of Microsoft's clouds the tenant is in. Other addresses are for a simulated tenant.
setup-help-address = Such as http://127.0.0.1:8080, without /v1.0. Plain http goes to this machine alone.
setup-help-client-id = The application (client) id on the overview page of your app registration. The README has the registration step by step.
setup-help-certificate = The PEM file with the certificate and its RSA key. Let nobody else read it.
setup-help-ca-file = Only where a proxy opens TLS: a PEM file with its certificate authority. Else leave it empty.
setup-need-tenant = The tenant is needed: its id, or one of its domain names.
setup-need-address = The address is needed.
setup-need-client-id = The application id is needed for this way to sign in.
setup-need-certificate = The certificate file is needed for this way to sign in.
setup-need-group = No group is selected.
setup-need-other-group = This is the group that users leave. Pick another one.
setup-need-other-product = This group assigns no other license than the one that users leave. Pick another group.
setup-need-file = The path of a file is needed.
setup-need-user = Name at least one user, by user principal name or object id.
setup-need-user-name = { $given } is neither a user principal name nor an object id.
setup-need-place = The path of a file is needed.
setup-trouble-value = A value cannot be used.
setup-expected = Expected: { $expected }.

## The set-up: the lists of groups and products

setup-source-text = Which group assigns the license that users have?
setup-target-text = Which group assigns the license that users are to get?
setup-groups-none = No group of this tenant assigns a license. Assign one in the Microsoft 365 admin center, then press p.
setup-groups-not-found = No group has this in its name, its products or its id.
setup-column-group = GROUP
setup-column-products = PRODUCTS
setup-column-members = MEMBERS
setup-column-managed = MANAGED
setup-column-errors = ERRORS
setup-group-errors = errors
setup-group-unknown = ?
setup-group-is-source = This is the group that users leave.
setup-fact-id = id
setup-fact-products = products
setup-fact-kind = kind
setup-fact-rule = rule
setup-fact-errors = errors
setup-errors-some = licensing failed for at least one member
setup-errors-none = none
setup-errors-unknown = the tenant does not tell
setup-product = { $free ->
    [one] { $name } ({ $part }), { $free } seat free
   *[other] { $name } ({ $part }), { $free } seats free
}
setup-product-not-subscribed = { $name }, no subscription
setup-product-text = "{ $group }" assigns several products. All of them move with it; which one is the migration about?
# Who changes the members of a group, in a narrow column and in a sentence.
setup-managed-members = by hand
setup-managed-rule = by a rule
setup-managed-on-premises = on-premises
setup-managed-exchange = Exchange
setup-managed-roles = role admins
setup-managed-restricted = restricted
setup-manager-members = members are changed by hand, so skuferry can
setup-manager-rule = a rule decides who is a member, so others move users, by worklists
setup-manager-on-premises = members come from on-premises, so others move users, by worklists
setup-manager-exchange = members are changed in Exchange, so skuferry cannot
setup-manager-roles = roles can be given to it, so only role administrators change its members
setup-manager-restricted = a restricted administrative unit shields it
setup-kind-security = security group
setup-kind-microsoft-365 = Microsoft 365 group
setup-kind-mail-security = mail-enabled security group
setup-kind-distribution = distribution list
setup-kind-and-manager = { $kind }; { $manager }

## The set-up: the users

setup-users-source-group = All members of the group
setup-users-file = A file
setup-users-file-text = One user principal name or object id a line, or CSV with a column userPrincipalName or id.
setup-users-pilot = A pilot list
setup-users-pilot-text = A few users to begin with. Type or paste them; Enter takes one, and Enter without a name goes on. They are written into pilot.csv beside the configuration.
setup-users-members = { $count ->
    [one] "{ $group }" has { $count } member.
   *[other] "{ $group }" has { $count } members.
} Who joins before the run begins is on the list as well.
setup-users-members-unknown = All who are in "{ $group }" when the run begins.
setup-users-named = { $count ->
    [0] Nobody is named yet.
    [one] { $count } user is named:
   *[other] { $count } users are named:
}

## The set-up: what preflight says

setup-fact-source = from
setup-fact-target = to
setup-fact-scenario = scenario
setup-fact-seats = seats
setup-fact-users = users
setup-end = { $sku } of "{ $group }"
# $why is setup-pairs or setup-pairs-none.
setup-scenario = { $scenario }: { $why }
setup-pairs = these plans exclude each other
setup-pairs-none = no plans are known to exclude each other, so both licenses can be held at once
setup-seats = { $free ->
    [one] { $name }: { $free } seat free, { $needed } needed
   *[other] { $name }: { $free } seats free, { $needed } needed
}
setup-ready = { $ready } ready, { $blocked } blocked
setup-reads-only = This sign-in lacks the permission { $permission }, so a run can only look. `skuferry whoami` says where to grant it.
setup-blocks = These stand in the way, and nobody is moved before they are mended:
setup-blocked-users = These users are blocked and stay where they are:
setup-blocked-reason = { $count ->
    [one] { $code }, { $count } user: { $user }: { $why }
   *[other] { $code }, { $count } users, the first is { $user }: { $why }
}
setup-warnings = These are warnings, and stop nobody:
setup-summary-next = Nothing was written so far. Enter goes on to where the configuration is written.
setup-summary-next-blocked = Nothing was written so far. Enter goes on all the same: the configuration can be written now and the rest mended later.

## The set-up: questions, and what is under way

setup-question-host = { $key } leads to { $host }, which is no cloud of Microsoft's and not this machine. It would get { $secret }. It is asked about once.
setup-question-replace = { $count ->
    [one] This file is there already, and would be replaced:
   *[other] These files are there already, and would be replaced:
}
setup-question-type = To go on, type { $expected } and press Enter. Anything else leaves all as it is.
setup-busy-signing-in = Signing in and reading the groups that assign licenses …
setup-busy-reading = Reading the groups that assign licenses …
setup-busy-checking = Checking every user, both groups and all products. Nothing is written …
setup-busy-writing = Writing the file …
setup-note-left-as-is = All is left as it was.
setup-note-given-up = Given up. All that was entered is still here.
setup-note-first-page = This is the first page. Ctrl-C leaves the set-up.
setup-note-passed-over = { $count ->
    [one] { $count } row names no user and was left out.
   *[other] { $count } rows name no user and were left out.
}

## The set-up: keys in the footer, and the head of the file

setup-key-leave = leave
setup-key-choose = choose
setup-key-up = up
setup-key-down = down
setup-key-back = back
setup-key-search = search
setup-key-read-again = read again
setup-key-keep = keep
setup-key-show-all = show all
setup-key-next = go on
setup-key-change = change
setup-key-field = next field
setup-key-clear = clear
setup-key-write = write
setup-key-answer = answer
setup-key-leave-as-is = leave as it is
setup-key-scroll = scroll
setup-key-check-again = check again
setup-key-cancel = give up
setup-key-open = open the terminal
setup-key-end = end
setup-file-head =
    Written by `skuferry setup`. Change it in any editor; a key that is not known is refused, with its line.
    Keys behind a # stand at their defaults, or are not used. Paths are relative to the folder of this file.
    Secrets never belong into it: see [auth].

## The set-up: what the command line says

cli-setup-left = The set-up was left, and nothing was written.
cli-setup-written = written: { $path }
cli-setup-next = check it with: { $check }; open the terminal with: { $run }
error-cli-setup-no-terminal = the set-up needs a terminal
error-cli-setup-no-terminal-why = standard input or standard output is not a terminal, and the set-up asks questions
error-cli-setup-no-terminal-action = Run `skuferry setup` in a terminal, or copy config.example.toml to config.toml, change what is yours, and try it with `skuferry check --config config.toml`.
error-cli-setup-exists = { $path } was put there meanwhile
## The operator's screen: what needs you, problems, marks, filters, batches side by side

screen-needs-you = NEEDS YOU { $age } · { $what }
screen-press-next = n next
screen-nothing-needs-you = nothing needs you just now
screen-strip-asks = asks
screen-strip-more = and { $count } more
screen-marked = { $count ->
    [0] nobody is marked
    [one] 1 user is marked: x, r, R and d are about them
   *[other] { $count } users are marked: x, r, R and d are about them
}
screen-mark-range = a range begins here: v again marks all up to there
screen-mark-where = users are marked in the views of users (1), batches (2) and problems (5)
screen-one-batch-at-least = one batch may be under way at least
screen-batches-under-way = { $count ->
    [one] 1 batch may be under way from now on; what has begun goes on
   *[other] { $count } batches may be under way from now on; what has begun goes on
}
wait-stay-behind = { $count ->
    [one] 1 stays behind
   *[other] { $count } stay behind
}
key-next = go to what needs you next: alarm, halt, stuck users, approval
key-filter-back = the filter before
key-sort-turn = turn the order round
key-whole = the whole run, or one batch
key-mark = mark the user, the batch or the problem, or no longer
key-mark-range = mark from here to where it is pressed again
key-mark-all = mark all that are shown, or none
key-fewer-batches = one batch fewer may be under way
key-more-batches = one batch more may be under way
key-view-problems = problems
key-hint-next = next
key-hint-mark = mark
dialog-stay-behind = { $count ->
    [one] 1 user stays behind, keeps the old license, and is asked about again once safe
   *[other] { $count } users stay behind, keep the old license, and are asked about again once safe
}
dialog-stays-behind = { $user }: { $why }
dialog-stay-behind-more = and { $count } more
dialog-exclude-all-title = Exclude users
dialog-exclude-all = { $count ->
    [one] Exclude 1 user from the batch?
   *[other] Exclude { $count } users from their batches?
}
dialog-exclude-all-stays = Each of them keeps the licenses and stays in the groups that they are in now.
dialog-exclude-all-then = The batches go on with the rest: they no longer wait for these users, and nothing more is written for them in this run, unless R rolls them back.
dialog-exclude-all-left-out = { $count ->
    [one] 1 more cannot be excluded now
   *[other] { $count } more cannot be excluded now
}
problem-kind-unlicensed = NO LICENSE
problem-kind-stuck = stuck
problem-kind-lost-part = lost a part
problem-kind-missing = deleted
problem-kind-stays = old license stays
problem-kind-failed = write failed
problem-kind-unknown = unknown
problem-kind-not-proven = not safe
problem-kind-late = late
problem-kind-went-back = went back
problem-kind-blocked = blocked
problem-kind-excluded = excluded
problem-unlicensed = neither the old nor the new license is active
problem-missing = not found in the tenant any more
problem-unknown = the outcome of a write is not known yet; the tenant is being asked
problem-late = licensing has not acted for longer than the run allows
problem-went-back = a later read showed them further back than before
problem-excluded = taken out of their batches by the operator
problem-blocked-various = preflight: { $code }
view-problems-title = { $count ->
    [0] Problems · nobody
    [one] Problems · 1 user · 1 cause
   *[other] Problems · { $count } users · { $causes ->
        [one] 1 cause
       *[other] { $causes } causes
    }
}
view-problems-none = Nobody is stuck, late, blocked or excluded.
view-problem = { $count ->
    [one] 1 user · { $kind }
   *[other] { $count } users · { $kind }
}
view-problem-common = in common
view-problem-common-nothing = nothing that healthy users have not
view-problem-country = country { $country }
view-problem-domain = domain { $domain }
view-problem-product = also { $product }
view-problem-group = group "{ $group }"
view-problem-shared = { $count ->
    [one] { $what }: { $have } of { $all } here, { $healthy } of 1 healthy user
   *[other] { $what }: { $have } of { $all } here, { $healthy } of { $count } healthy users
}
view-problem-opens = Enter lists them
view-problem-who = who
view-column-kind = KIND
view-column-cause = CAUSE / NEXT
view-column-since = SINCE
view-cause-late = late
view-filter-ready = ready
view-filter-excluded = excluded
view-sort-batch = by batch
view-sort-turned = { $sort }, turned round
view-users-of-cause = with this cause
view-users-whole = whole run
view-users-marked = { $count } marked
view-users-nobody-ready = Nobody is ready.
view-users-nobody-excluded = Nobody is excluded.
view-batches-most = { $count } under way at most

## The palette, the help of a view, the mouse and the tour of the demo

key-palette = every command with its key, to be looked for by a word
key-mouse = leave the mouse to the terminal, so that its own selection works, or take it again
key-palette-type = a word of the command, or its key; no letter here is a command but H, which halts
key-palette-submit = do what the key of the selected command does
key-palette-no = close the list of commands
key-tour-next = the next page
key-tour-back = the page before
key-tour-skip = leave the tour
key-hint-palette = commands
key-hint-palette-submit = carry out
key-hint-tour-next = next
key-hint-tour-skip = skip
help-mode-palette = In the list of commands
help-mode-tour = In the tour of the demo
# $view is the name of a view.
help-here = Here, in the view of { $view }
help-everywhere = In every view
dialog-palette-title = { $count ->
    [one] 1 command
   *[other] { $count } commands
}
dialog-palette-nothing = No command has that in it.
# $why is a sentence or a part of one.
dialog-palette-off = off: { $why }
dialog-palette-keys = `{ $enter }` does what the key does · `{ $leave }` closes · no command approves by itself
dialog-palette-hint = finds commands
screen-nothing-to-open = nothing is here that could be opened
screen-nothing-open = nothing is open that could be left
screen-no-requests = no request that failed has an id among the latest events
screen-copied-requests = { $count ->
    [one] copied: 1 failed request with its id
   *[other] copied: { $count } failed requests with their ids
}
screen-mouse-on = the mouse is used here: the wheel moves, a click selects · M leaves it to the terminal
screen-mouse-off = the mouse is left to the terminal: its own selection works · M takes it again
screen-mouse-fault = the mouse was not switched: { $why }
dialog-tour-title = A short tour · page { $number } of { $all }
dialog-tour-demo = This is a demo
dialog-tour-demo-text = The tenant on this screen is simulated. Nothing here happens to anybody, and nothing leaves this machine.
dialog-tour-demo-screen = Each row is a user: who they are, where they stand, what keeps them, and since when. Above the rows stand the phases of the batch, and how far it has come.
dialog-tour-gate = Nothing is written before you approve it
dialog-tour-gate-text = What waits for you stands in the line below the rows. It begins with NEEDS YOU and says how long it has waited.
dialog-tour-gate-next = The key `{ $key }` goes to what needs you next: an alarm, a halt, stuck users, an approval.
dialog-tour-approve = Approvals
dialog-tour-approve-text = The key `{ $key }` opens the approval that waits. It names the users. An addition is approved with `y`.
dialog-tour-approve-number = A removal is approved with the number of users shown, typed, and then `Enter`. A few users go first; the others follow once those are migrated.
dialog-tour-approve-else = `Esc` leaves all as it is. Pasted text and the mouse never approve anything.
dialog-tour-halt = You can stop at any time
dialog-tour-halt-text = The key `{ $key }` halts at once, wherever you are, on this page too. What was sent already is awaited and recorded; nothing more is written.
# $key is the key for approvals.
dialog-tour-halt-after = After a halt, the key `{ $key }` shows who is between the two groups, and asks whether writing may go on.
dialog-tour-find = Where to look
dialog-tour-find-problems = `{ $key }` shows who is stuck, late or blocked, grouped by cause, with what helps.
dialog-tour-find-palette = `{ $key }` lists every command with its key, and says why one is off just now.
dialog-tour-find-help = `{ $key }` lists the keys of the view that is open.
dialog-tour-keys = `{ $next }` next · `{ $skip }` skips the tour
dialog-tour-keys-last = `{ $next }` begins
dialog-quit-in-phases = { $count ->
    [one] Quit? 1 batch is between two phases.
   *[other] Quit? { $count } batches are between two phases.
}


## How long licensing takes, and how long it still will

wait-left-unknown = time left not known yet
wait-left-most = 95 % in { $length }
# The users who are not among the 95 %; the length is a time.
wait-left-slowest = slowest { $count } up to { $length }
wait-left-slowest-longer = slowest { $count } longer than anybody so far
wait-left-slowest-unknown = slowest { $count } not known yet
wait-left-longer = { $count } longer than anybody so far
view-cause-slow = slower than 95 %
view-user-slow = Slower than 95 % of the users of this run: they waited no longer than { $length }.
view-column-exceptions = EXCEPTIONS
view-column-start = START
view-column-elapsed = ELAPSED
view-column-most = P95
view-batches-left = all batches under way: { $left }
view-latency-ready = addition to ready
view-latency-migrated = removal to migrated
view-latency-back-ready = way back, addition to ready
view-latency-back-migrated = way back, removal to rolled back
view-latency-half = half { $length }
view-latency-most = 95 % { $length }
view-latency-most-unknown = 95 % not known yet
view-latency-longest = longest { $length }

## The list of users: a search that forgives, more orders, following, short words for a narrow screen

view-sort-state = by state
view-sort-cause = by cause
view-sort-latest = latest change first
view-users-follows = following
view-users-near = nobody has /{ $search }, these come near
key-follow = stay with whoever changed last, or no longer
screen-follows = The list stays with whoever changed last. Any key that moves ends it.
screen-follows-no-more = The list stays where it is.
view-tab-short-users = users
view-tab-short-batches = batch
view-tab-short-events = event
view-tab-short-plan = plan
view-tab-short-problems = prob.

## How batches are that have not begun

phase-settings = batch size { $size } · canary { $canary } · read every { $seconds } s
# $settings is phase-settings.
phase-settings-by = { $settings }, set by { $by } at { $time }
event-batch-settings = { $by } set the batches that have not begun: { $settings }
dialog-figures = Batches that have not begun
dialog-figures-about = A batch whose first approval was given stays as it is. The others are cut anew and checked again before they are approved.
dialog-figures-now = settings
dialog-figures-size = users a batch
dialog-figures-canary = canary
dialog-figures-interval = interval (s)
dialog-figures-keys = { $set } sets this · { $next } next field · { $leave } leaves all as it is
help-mode-figures = In the form of the batches
key-batch-settings = set size, canary and interval of the batches that have not begun
key-figures-type = a digit
key-next-field = the next field
key-figures-submit = set this
key-hint-set = set
refusal-all-batches-begun = every batch has begun, so none is left to be set
refusal-size-after-rollback = the batches stay as they are, because users were taken back
refusal-no-such-settings = a batch and a canary have 1 user or more, and an interval is 1 to 1800 seconds

## How numbers and times are written

# Between thousands; nothing where they are not told apart on screen.
number-gap = {""}
number-gap-in-reports = ,
# A number of fewer digits than this has no gap.
number-gap-from-digits = 4
number-decimal = .
# Patterns of strftime.
time-clock = %H:%M:%S
time-minute = %H:%M
time-day = %Y-%m-%d
time-day-and-minute = %Y-%m-%d %H:%M
time-day-and-second = %Y-%m-%d %H:%M:%S

## Counts of standings, and names of keys that came later

# $standing is worded for one user, also where there are several of them.
standing-counted = { $count } { $standing }
# What became of a user, and what was approved, in the report that people read.
report-outcome-unlicensed = unlicensed
report-outcome-unknown = unknown
report-outcome-migrated = migrated
report-outcome-rolled-back = rolled-back
report-outcome-excluded = excluded
report-outcome-blocked = blocked
report-outcome-missing = missing
report-outcome-stuck = stuck
report-outcome-under-way = under-way
report-outcome-not-begun = not-begun
report-kind-add = add
report-kind-remove = remove
report-kind-reprocess = reprocess
report-kind-remove-direct = remove-direct
key-name-left = Left
key-name-right = Right

# Groups whose members others change, and the worklists for them.
halt-removed-early = alarm: { $count ->
    [one] 1 user was removed by others before they were proven safe: { $users }
   *[other] { $count } users were removed by others before they were proven safe: { $users }
}
error-place-moved-by-others = to a group that somebody else changes
error-place-worklist-not-in-force = to a worklist that is not in force
error-write-listed = on a worklist
error-write-delisted = on a worklist that is not in force any more
refusal-others-to-add = { $count ->
    [one] Others have still to add 1 user by the worklist; its file is on the plan view.
   *[other] Others have still to add { $count } users by the worklist; its file is on the plan view.
}
refusal-others-to-remove = { $count ->
    [one] Others have still to remove 1 user by the worklist; its file is on the plan view.
   *[other] Others have still to remove { $count } users by the worklist; its file is on the plan view.
}
refusal-on-worklist = { $user } is on a worklist that others may act on at any time. Halt first.
notice-worklist-not-replaced = The worklist { $file } is not in force any more, but its file could not be replaced: delete it.
wait-again-worklist = again, as worklist { $number } is not in force any more ({ $why }); others may still act on copies
worklist-end-done = all seen done
worklist-end-stale = stale, older than 15 minutes
worklist-end-not-safe = somebody on it is not safe to remove any more
worklist-end-halted = withdrawn by the halt
worklist-end-groups = something is wrong with a group
worklist-end-unwatched = nobody watched for a while
worklist-end-no-file = its file was not written in time, or is gone
worklist-to-add = Worklist { $number } · { $batch } · { $count ->
    [one] others add 1 user to "{ $group }"
   *[other] others add { $count } users to "{ $group }"
}
worklist-to-remove = Worklist { $number } · { $batch } · { $count ->
    [one] others remove 1 user from "{ $group }"
   *[other] others remove { $count } users from "{ $group }"
}
worklist-all-seen = all seen done
worklist-ended = Not in force any more: { $why }. Others may still act on copies.
worklist-being-written = being written
worklist-good-for = { $count ->
    [one] written { $minutes } min ago, good for { $good } min more, 1 user not seen moved
   *[other] written { $minutes } min ago, good for { $good } min more, { $count } users not seen moved
}
worklist-waits = { $count ->
    [one] written { $minutes } min ago, 1 user not seen moved
   *[other] written { $minutes } min ago, { $count } users not seen moved
}
event-user-listed = on worklist { $number }, to be { $done } by others
event-user-delisted = worklist { $number } is not in force any more: { $why }
event-user-left = { $done } by others, on no worklist
event-user-left-early = { $done } by others before they were proven safe
event-worklist-issued = { $count ->
    [one] worklist { $number } for others, 1 user: { $file }
   *[other] worklist { $number } for others, { $count } users: { $file }
}
event-worklist-written = worklist { $number } is written; others may act on it
event-worklist-done = worklist { $number } is done: everybody on it was seen moved
event-worklist-ended = worklist { $number } is not in force any more ({ $why }); others may still act on copies
event-removed-early = others removed { $who } from "{ $group }" before they were proven safe
event-removed-by-others = others removed { $who } from "{ $group }", on no worklist
screen-doing-naming = reading names for a worklist
view-user-listed-add = On a worklist: others are to add them.
view-user-listed-remove = On a worklist: others are to remove them, and may do so at any time.
view-user-delisted = Their worklist is not in force any more. Others may still act on a copy.
view-user-removed-early = Others removed them before they were proven safe.
view-cause-others = waits for others
view-cause-others-may = others may still act
view-cause-removed-early = removed by others too early
view-plan-worklists = Worklists for others
view-plan-moved-by-others = moved by others
report-told-list-add = { $count ->
    [one] worklist { $number } for others to add 1 user: { $file }
   *[other] worklist { $number } for others to add { $count } users: { $file }
}
report-told-list-remove = { $count ->
    [one] worklist { $number } for others to remove 1 user: { $file }
   *[other] worklist { $number } for others to remove { $count } users: { $file }
}
report-told-list-written = worklist { $number } was written
report-told-list-ended = worklist { $number } was not in force from then on: { $why }
report-told-removed-early = { $count ->
    [one] others removed 1 user before they were proven safe
   *[other] others removed { $count } users before they were proven safe
}
report-told-removed-by-others = { $count ->
    [one] others removed 1 user, on no worklist
   *[other] others removed { $count } users, on no worklist
}
cli-status-worklist = { $asked } · { $stands } · { $file }
cli-plain-list-add = {"  "}a worklist for others to add the users of { $batch } to the group "{ $group }"
cli-plain-list-remove = {"  "}a worklist for others to remove the users of { $batch } from the group "{ $group }"
dialog-by-others = others
dialog-list-add = { $count ->
    [one] Write a worklist for others to add 1 user to "{ $group }"?
   *[other] Write a worklist for others to add { $count } users to "{ $group }"?
}
dialog-list-add-how = skuferry writes nothing to this group. Each user counts as added once they are read in it.
dialog-list-remove = { $count ->
    [one] Write a worklist for others to remove 1 user from "{ $group }"?
   *[other] Write a worklist for others to remove { $count } users from "{ $group }"?
}
dialog-list-remove-how = skuferry writes nothing to this group. The worklist is good for 15 minutes, then it has to be written anew.
dialog-lift-copies = { $count ->
    [one] the worklists were withdrawn; others may still act on copies, for 1 user
   *[other] the worklists were withdrawn; others may still act on copies, for { $count } users
}
wait-others = { $count ->
    [one] 1 user waits for others (plan view)
   *[other] { $count } users wait for others (plan view)
}
