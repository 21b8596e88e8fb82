package io.tlsfleet.store;

import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.internal.ArrayTuple;
import java.time.OffsetDateTime;
import java.util.UUID;

/** An empty list does not say of what it is one; here it is one of whatever the statement asks for. */
final class Parameters extends ArrayTuple {
    static final Object NONE = new Void[0];

    Parameters(int size) {
        super(size);
    }

    private boolean isNone(int position) {
        return getValue(position) instanceof Void[];
    }

    @Override
    public Boolean[] getArrayOfBooleans(int position) {
        return isNone(position) ? new Boolean[0] : super.getArrayOfBooleans(position);
    }

    @Override
    public Short[] getArrayOfShorts(int position) {
        return isNone(position) ? new Short[0] : super.getArrayOfShorts(position);
    }

    @Override
    public Integer[] getArrayOfIntegers(int position) {
        return isNone(position) ? new Integer[0] : super.getArrayOfIntegers(position);
    }

    @Override
    public Long[] getArrayOfLongs(int position) {
        return isNone(position) ? new Long[0] : super.getArrayOfLongs(position);
    }

    @Override
    public String[] getArrayOfStrings(int position) {
        return isNone(position) ? new String[0] : super.getArrayOfStrings(position);
    }

    @Override
    public UUID[] getArrayOfUUIDs(int position) {
        return isNone(position) ? new UUID[0] : super.getArrayOfUUIDs(position);
    }

    @Override
    public OffsetDateTime[] getArrayOfOffsetDateTimes(int position) {
        return isNone(position) ? new OffsetDateTime[0] : super.getArrayOfOffsetDateTimes(position);
    }

    @Override
    public Buffer[] getArrayOfBuffers(int position) {
        return isNone(position) ? new Buffer[0] : super.getArrayOfBuffers(position);
    }
}
