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
