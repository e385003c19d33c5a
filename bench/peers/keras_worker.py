"""keras_worker.py: Keras on TensorFlow, measured on request. See worker.py."""

import os
import sys

import keras
import numpy as np
import tensorflow as tf

import worker
from spec import parse

CALIBRATION_IMAGES = 512
STEPS_A_CALL = 16


def build(text, policy):
    """numeral's network text; channels last, which is what TensorFlow is fast with."""
    image = x = kept = keras.Input((28, 28, 1))
    flat = False
    for item in parse(text):
        padding = "same" if item.same else "valid"
        init = "he_uniform" if item.init == "he" else "glorot_uniform"
        activation = "relu" if item.relu and item.kind in ("conv", "dense") else None
        if item.kind == "conv":
            if 1 < item.groups == item.units == x.shape[-1]:
                x = keras.layers.DepthwiseConv2D(
                    item.window, item.stride, padding, activation=activation,
                    depthwise_initializer=init, dtype=policy)(x)
            else:
                x = keras.layers.Conv2D(
                    item.units, item.window, item.stride, padding, groups=item.groups,
                    activation=activation, kernel_initializer=init, dtype=policy)(x)
        elif item.kind == "dense":
            if not flat:
                x = keras.layers.Flatten(dtype=policy)(x)
            flat = True
            x = keras.layers.Dense(item.units, activation=activation,
                                   kernel_initializer=init, dtype=policy)(x)
        elif item.kind in ("maxpool", "avgpool"):
            pool = (keras.layers.MaxPooling2D if item.kind == "maxpool"
                    else keras.layers.AveragePooling2D)
            x = pool(item.window, item.stride, padding, dtype=policy)(x)
        elif item.kind == "globalavgpool":
            x = keras.layers.GlobalAveragePooling2D(keepdims=True, dtype=policy)(x)
        elif item.kind == "batchnorm":
            x = keras.layers.BatchNormalization(dtype=policy)(x)
        elif item.kind == "crop":
            x = keras.layers.Cropping2D((28 - item.units) // 2, dtype=policy)(x)
        elif item.kind == "flatten":
            x, flat = keras.layers.Flatten(dtype=policy)(x), True
        elif item.kind == "residual":
            kept = x  # the branch that is not at work
        elif item.kind == "shortcut":
            x, kept = kept, x
        elif item.kind == "add":
            x = keras.layers.Add(dtype=policy)([x, kept])
        elif item.kind == "dropout":
            x = keras.layers.Dropout(item.rate, dtype=policy)(x)
        if item.relu and activation is None:
            x = keras.layers.ReLU(dtype=policy)(x)
        if item.relu6:
            x = keras.layers.ReLU(6, dtype=policy)(x)
    return keras.Model(image, x)


def make_optimizer(recipe):
    if recipe["optimizer"] == "sgd":
        return keras.optimizers.SGD(recipe["learning_rate"], momentum=recipe["momentum"])
    return keras.optimizers.Adam(recipe["learning_rate"], recipe["beta1"], recipe["beta2"])


class Keras(worker.Worker):
    def __init__(self, images_path, labels_path):
        threads = int(os.environ["OMP_NUM_THREADS"])
        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(1)
        images, labels = worker.read_data(images_path, labels_path)
        self.images = np.frombuffer(images, np.uint8).reshape(-1, 28, 28, 1).astype(np.float32)
        self.images /= 255
        self.labels = np.frombuffer(labels, np.uint8).astype(np.int32)

    def describe(self):
        return {"version": f"{keras.__version__} on TensorFlow {tf.__version__}",
                "train": ["fp32", "bf16"], "predict": ["fp32", "bf16", "int8"]}

    def settings(self, workload):
        if workload["precision"] == "int8":
            return {"lite": [True]}
        names = {"jit_compile": [False, True]}
        if workload["task"] == "train":
            names["steps_a_call"] = [STEPS_A_CALL, 1]
        elif workload["precision"] == "fp32":
            names["lite"] = [True, False]
        if workload["precision"] == "bf16":
            names["policy"] = ["bfloat16", "mixed_bfloat16"]
        return names

    def prepare(self, workload, setting):
        if setting.get("lite"):
            return self.lite_predictor(workload)
        make = self.trainer if workload["task"] == "train" else self.predictor
        policy = setting.get("policy", "float32")
        images = tf.constant(self.images, tf.bfloat16 if policy == "bfloat16" else tf.float32)
        return make(workload, setting, build(workload["spec"], policy), images)

    def trainer(self, workload, setting, model, images):
        batch, steps = workload["batch"], setting["steps_a_call"]
        labels = tf.constant(self.labels)
        order = tf.random.shuffle(tf.range(len(self.labels)))
        optimizer = make_optimizer(workload["recipe"])
        optimizer.build(model.trainable_variables)

        @tf.function(jit_compile=setting["jit_compile"])
        def one_step(x, y):
            with tf.GradientTape() as tape:
                logits = tf.cast(model(x, training=True), tf.float32)
                loss = tf.reduce_mean(
                    tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=logits))
            optimizer.apply(tape.gradient(loss, model.trainable_variables))
            return loss

        @tf.function
        def some_steps(at):
            loss = tf.constant(0.0)
            for i in tf.range(steps):
                first = at + i * batch
                rows = order[first:first + batch]
                x = tf.ensure_shape(tf.gather(images, rows), (batch, 28, 28, 1))
                y = tf.ensure_shape(tf.gather(labels, rows), (batch,))
                loss = one_step(x, y)
            return loss
        starts = worker.batch_rows(len(self.labels), steps * batch)

        def step():
            some_steps(tf.constant(next(starts))).numpy()
            return steps * batch
        return step

    def predictor(self, workload, setting, model, images):
        batch = workload["batch"]
        batches = [images[i * batch:(i + 1) * batch] for i in range(worker.BATCHES)]

        @tf.function(jit_compile=setting["jit_compile"])
        def predict(x):
            return tf.nn.softmax(model(x, training=False))
        return lambda i: predict(batches[i]).numpy()

    def lite_predictor(self, workload):
        """TensorFlow Lite, the way TensorFlow itself offers for int8."""
        batch = workload["batch"]
        model = build(workload["spec"], "float32")
        model = keras.Sequential([keras.Input((28, 28, 1), batch), model,
                                  keras.layers.Softmax()])
        converter = tf.lite.TFLiteConverter.from_keras_model(model)
        if workload["precision"] == "int8":
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
            converter.representative_dataset = lambda: (
                [self.images[i:i + batch]] for i in range(0, CALIBRATION_IMAGES, batch))
        lite = tf.lite.Interpreter(model_content=converter.convert(),
                                   num_threads=workload["threads"])
        lite.allocate_tensors()
        given, taken = lite.get_input_details()[0]["index"], lite.get_output_details()[0]["index"]
        batches = [self.images[i * batch:(i + 1) * batch] for i in range(worker.BATCHES)]

        def call(i):
            lite.set_tensor(given, batches[i])
            lite.invoke()
            return lite.get_tensor(taken)
        return call


if __name__ == "__main__":
    tf.random.set_seed(1)
    worker.serve(Keras(*sys.argv[1:3]))
