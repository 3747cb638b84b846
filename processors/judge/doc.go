// Package judge has the risk rules look at each run as a whole: what a principal
// can make of itself depends on what else there is in its account.
//
// Feed turns an account's events into what catalog/risk judges; it is pure, and
// what analyzes a saved account uses it too. Judge is the stage around it. For each
// run that closes and has not failed it reads the run's events again from RAW, gives
// them to the rules, and publishes one judgement for each user, role, group and
// policy and one for the account. The account's is the last: it counts the others.
//
// Runs are judged one at a time, over all processes, in the order in which they
// closed. So several processes come to the same results as one; they are there to
// take over from each other. One run is a matter of milliseconds to seconds.
//
// Ways into other accounts: the stage keeps each account's surface (the roles that
// trust other accounts and lead to administrator) in the key-value bucket
// "surfaces", and judges a run with those of runs of other accounts of the days
// before its own. So a way across accounts shows up a day after it came about, and
// in what order an organization's accounts were collected on a day makes no
// difference.
//
// What the rules are, and what they say, is not decided here but in catalog/risk.
package judge
