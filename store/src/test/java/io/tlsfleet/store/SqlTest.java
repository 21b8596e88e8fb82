package io.tlsfleet.store;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Future;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import org.junit.jupiter.api.Test;

class SqlTest {
    @Test
    void saysWhyTheDatabaseIsAwayEvenWhereTheFailureHasNoWords() {
        assertThatThrownBy(() -> Sql.await(Future.failedFuture(new ClosedChannelException())))
                .isInstanceOf(DatabaseAway.class)
                .hasMessage("the database is not reachable: ClosedChannelException");
        assertThatThrownBy(() -> Sql.await(Future.failedFuture(new IOException("connection refused"))))
                .isInstanceOf(DatabaseAway.class)
                .hasMessage("the database is not reachable: connection refused");
    }
}
