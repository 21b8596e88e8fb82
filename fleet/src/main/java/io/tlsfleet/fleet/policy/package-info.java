/**
 * Judgement: an observation, policies, trust stores, what memory holds and an instant come in; a report goes out. Pure
 * functions, so that stored observations can be judged again whenever a policy changes. One class per family of rules;
 * rules.json holds what each says to people, the policies are data files of their own. Knows no clock and no network.
 */
@NullMarked
package io.tlsfleet.fleet.policy;

import org.jspecify.annotations.NullMarked;
