"""Training: pretraining of the embedded checkpoints, and fine-tuning."""
