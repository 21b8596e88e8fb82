/** Tests of alerting: a real database, real receivers. */
package io.tlsfleet.api.notify;
