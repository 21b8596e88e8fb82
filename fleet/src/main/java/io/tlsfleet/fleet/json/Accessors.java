package io.tlsfleet.fleet.json;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.BeanDescription;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.SerializationConfig;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.ser.BeanPropertyWriter;
import com.fasterxml.jackson.databind.ser.BeanSerializerModifier;
import java.lang.invoke.LambdaMetafactory;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads a record's parts by functions instead of by reflection, which is half of what writing a report costs. A function is
 * a class of its own, so it is made only for a part that was read some hundred times: one scan from the shell makes none.
 */
final class Accessors extends BeanSerializerModifier {
    private static final long serialVersionUID = 1;
    private static final int ENOUGH = 400;

    @Override
    public List<BeanPropertyWriter> changeProperties(
            SerializationConfig config, BeanDescription type, List<BeanPropertyWriter> properties) {
        if (type.getBeanClass().isRecord()) {
            properties.replaceAll(p -> isPlain(p) ? new Part(p) : p);
        }
        return properties;
    }

    private static boolean isPlain(BeanPropertyWriter property) {
        return property.getClass() == BeanPropertyWriter.class && property.getTypeSerializer() == null;
    }

    private static final class Part extends BeanPropertyWriter {
        private static final long serialVersionUID = 1;
        private static final MethodType READER = MethodType.methodType(Object.class, Object.class);

        private transient int reads;
        private transient @Nullable Function<Object, @Nullable Object> reader;

        Part(BeanPropertyWriter plain) {
            super(plain);
        }

        /** As {@link BeanPropertyWriter} does it, but for how the value is read. */
        @Override
        public void serializeAsField(Object bean, JsonGenerator out, SerializerProvider context) throws Exception {
            Function<Object, @Nullable Object> known = reader;
            if (known == null) {
                // what is lost of this count between threads does not matter
                if (++reads == ENOUGH
                        && _suppressableValue == null
                        && getMember().getMember() instanceof Method method) {
                    reader = reader(method);
                }
                super.serializeAsField(bean, out, context);
                return;
            }
            Object value = known.apply(bean);
            if (value == null) {
                if (_nullSerializer != null) {
                    out.writeFieldName(_name);
                    _nullSerializer.serialize(null, out, context);
                }
                return;
            }
            JsonSerializer<Object> serializer = _serializer;
            if (serializer == null) {
                serializer = _dynamicSerializers.serializerFor(value.getClass());
                if (serializer == null) {
                    serializer = _findAndAddDynamic(_dynamicSerializers, value.getClass(), context);
                }
            }
            out.writeFieldName(_name);
            serializer.serialize(value, out, context);
        }

        /** Null for what is not ours to read directly, such as a private record's part: it is read by reflection for ever. */
        @SuppressWarnings("unchecked")
        private static @Nullable Function<Object, @Nullable Object> reader(Method method) {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            try {
                MethodHandle accessor = lookup.unreflect(method);
                MethodType type = MethodType.methodType(method.getReturnType(), method.getDeclaringClass());
                return (Function<Object, @Nullable Object>) LambdaMetafactory.metafactory(
                                lookup, "apply", MethodType.methodType(Function.class), READER, accessor, type.wrap())
                        .getTarget()
                        .invoke();
            } catch (Error e) {
                throw e;
            } catch (Throwable e) {
                return null;
            }
        }
    }
}
